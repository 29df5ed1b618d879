import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startControlPlane } from "../support/control-plane.ts";
import { startDemoGate } from "./start-demo-gate.ts";
import { type Step, story } from "./story.ts";

// Tells the talk's story on a real control plane: `npm run demo`, or `npm run demo -- --keep` to go on by hand.
const keep = process.argv.includes("--keep");
const root = join(import.meta.dirname, "../..");

const print = (text: string): void => void process.stdout.write(text);

print("Starting etcd, kube-apiserver and kube-controller-manager…\n");
const controlPlane = await startControlPlane();
const bin = await mkdtemp(join(tmpdir(), "kev-demo-bin-"));
await mkdir(bin, { recursive: true });
await symlink(join(root, "bin/kev.js"), join(bin, "kev"));
await symlink(controlPlane.kubectlPath, join(bin, "kubectl"));
const env = {
  ...process.env,
  PATH: [bin, process.env.PATH].join(delimiter),
  KUBECONFIG: controlPlane.adminKubeconfig,
  KUBECACHEDIR: join(controlPlane.dir, "cache"),
};

let failed = false;
let endGate: string | undefined;
try {
  print("Starting a gate, and waiting until decisions count: ten seconds after its policy was made…\n");
  const gate = await startDemoGate(controlPlane, env);
  endGate = `kill ${gate.pid}`;
  await shell({ say: "", run: "kubectl create namespace prod" }, "ignore");
  for (const step of story) {
    print(`\n# ${step.say}\n$ ${step.run}\n`);
    const code = await shell(step, "inherit");
    if (code !== 0) print(`[exit code ${code}]\n`);
    if (code !== (step.exit ?? 0)) {
      failed = true;
      print(`The story wanted exit code ${step.exit ?? 0} here.\n`);
      break;
    }
  }
} finally {
  if (keep && !failed) {
    const end = await controlPlane.detach();
    print(`\nThe control plane goes on running. To use it:\n\n  export KUBECONFIG=${controlPlane.adminKubeconfig}\n`);
    print(`  export PATH=${bin}:$PATH\n\nTo end it:\n\n  ${endGate}; ${end}; rm -rf ${bin}\n`);
  } else {
    if (endGate) await shell({ say: "", run: endGate }, "ignore");
    await controlPlane.stop();
    await rm(bin, { recursive: true, force: true });
  }
}
process.exitCode = failed ? 1 : 0;

function shell({ run }: Step, stdio: "inherit" | "ignore"): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", run], { env, stdio: ["ignore", stdio, stdio] });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
