import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { sharedControlPlane } from "../support/control-plane.ts";
import { nodeVersions } from "../support/packed-cli.ts";
import { runCommand, startCommand } from "../support/run-command.ts";
import { gateCertificate } from "../support/running-gate.ts";
import { until } from "../support/until.ts";

jest.setTimeout(60_000);

const root = join(import.meta.dirname, "../..");
const cluster = sharedControlPlane();
const node = join(nodeVersions.at(-1)?.bin ?? "", "node");
let image: string;
let entry: string;

// No container is made here: what the last stage copies is laid out, and its entry point is run.
beforeAll(async () => {
  const lines = (await readFile(join(root, "docs/Dockerfile"), "utf8")).split("\n");
  image = await mkdtemp(join(tmpdir(), "kev-image-"));
  for (const line of lines.filter((text) => text.startsWith("COPY --from=build "))) {
    const words = line.split(" ").slice(2);
    const target = words.pop() ?? "";
    for (const source of words) {
      const to = words.length > 1 || target.endsWith("/") ? join(target, basename(source)) : target;
      await cp(join(root, source.replace("/src/", "")), join(image, to), { recursive: true });
    }
  }
  const last = lines.find((text) => text.startsWith("ENTRYPOINT "))?.replace("ENTRYPOINT ", "") ?? "";
  const [program, script = ""] = JSON.parse(last) as string[];
  expect(program).toBe("node");
  entry = script.replace(/^\/kev\//, `${image}/`);
});

afterAll(() => rm(image, { recursive: true, force: true }));

// Like a container's: no home, nothing of this machine.
const env = { KUBECONFIG: cluster.adminKubeconfig, NODE_ENV: "production" };

test("what the image holds is enough to say its version", async () => {
  expect(await runCommand(node, [entry, "version", "--client"], { env, cwd: image })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Client Version"),
    stderr: "",
  });
});

test("what the image holds is enough to serve a gate", async () => {
  const flags = await gateCertificate(cluster);
  const args = [entry, "gate", "serve", ...flags, "--trust", "any", "--port", "0", "--address", "127.0.0.1"];
  const gate = startCommand(node, args, { env, cwd: image });
  try {
    const port = () => /"listening" port=(\d+)/.exec(gate.output.stderr)?.[1];
    await until(() => port() !== undefined);
    const ca = await readFile(cluster.caFile);
    const page = (path: string): Promise<string> =>
      new Promise((resolve, reject) => {
        get(`https://localhost:${port()}${path}`, { ca, agent: false }, async (response) => {
          resolve((await response.setEncoding("utf8").toArray()).join(""));
        }).on("error", reject);
      });
    await until(async () => (await page("/readyz")).includes("readyz check passed"));
    expect(await page("/metrics")).toContain("process_resident_memory_bytes");
  } finally {
    gate.kill("SIGINT");
    await gate.ended;
  }
});
