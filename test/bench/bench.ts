import { realpath, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { startControlPlane } from "../support/control-plane.ts";
import { installationFolder, installPackedCli, nodeVersions } from "../support/packed-cli.ts";
import { compare, type Program } from "./compare.ts";
import { peakMemory } from "./peak-memory.ts";

// Ratios of whole processes, measured in one run on a real control plane: `npm run bench [-- PAIRS]`. Nothing is asserted.
const pairs = Number(process.argv[2] ?? 15);
const [node20, node24] = nodeVersions;
if (node20 === undefined || node24 === undefined)
  throw new Error("Node 20 and Node 24 are needed: npm ci installs them");

/** What somebody with kubectl alone would write, without a look-up of the object. */
const eventYaml = `apiVersion: v1
kind: Event
metadata: {generateName: ui-server., namespace: prod}
involvedObject: {apiVersion: apps/v1, kind: Deployment, name: ui-server, namespace: prod}
reason: Approval
message: Manually tested and approved
type: Normal
source: {component: ci-approver}
firstTimestamp: "2026-11-23T09:00:00Z"
lastTimestamp: "2026-11-23T09:00:00Z"
count: 1
`;

const rows: string[][] = [];
const progress = (text: string): void => void process.stderr.write(`${text}\n`);

progress("Starting a control plane, packing and installing kev…");
const controlPlane = await startControlPlane();
try {
  await installPackedCli(controlPlane);
  const installed = installationFolder(controlPlane);
  const { kubectl, adminKubeconfig, dir } = controlPlane;
  await kubectl("create", "namespace", "prod");
  await kubectl("create", "deployment", "ui-server", "--image=nginx:1.27", "-n", "prod");
  const eventFile = join(dir, "event.yaml");
  await writeFile(eventFile, eventYaml);
  const emptyScript = join(dir, "empty.mjs");
  await writeFile(emptyScript, "");

  // A user's: nothing of npm's or of the test's own.
  const env = { HOME: dir, PATH: process.env.PATH ?? "", KUBECONFIG: adminKubeconfig, TMPDIR: dir };
  const script = await realpath(join(installed, "node_modules/.bin/kev"));
  const kev = (bin: string, ...args: string[]): Program => ({
    command: join(bin, "node"),
    args: [script, ...args],
    env,
  });
  const kubectlCreate: Program = { command: controlPlane.kubectlPath, args: ["create", "-f", eventFile], env };

  for (const [node, target] of [
    [node24, "≤ 1.2"],
    [node20, "≤ 1.8"],
  ] as const) {
    progress(`kev emit on ${node.name}…`);
    const emit = kev(node.bin, "emit", "approve", "ui-server", "-n", "prod");
    await row(`kev emit approve ui-server, ${node.name} / kubectl create -f event.yaml`, emit, kubectlCreate, target);
    rows.push([`peak memory of it, ${node.name}`, `${(await peakMemory(emit)).toFixed(0)} MiB`, "", "", "≤ 90 MiB"]);
  }
  progress("kev --version…");
  const empty: Program = { command: join(node24.bin, "node"), args: [emptyScript], env };
  await row("kev --version, Node 24 / an empty script", kev(node24.bin, "--version"), empty, "≤ 1.5");
} finally {
  await controlPlane.stop();
}
process.stdout.write(
  `${markdown()}\n${cpus().length} processors, ${pairs} pairs a row, medians; ratios are of wall time, pair by pair\n`,
);

async function row(what: string, subject: Program, reference: Program, target: string): Promise<void> {
  const { subject: ours, reference: theirs, ratio } = await compare(subject, reference, pairs);
  const range = `${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)}`;
  rows.push([what, ratio.median.toFixed(2), range, `${ours.toFixed(0)} / ${theirs.toFixed(0)} ms`, target]);
}

function markdown(): string {
  const lines = [["what", "median", "least–most", "wall", "to reach"], ["---", "---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
