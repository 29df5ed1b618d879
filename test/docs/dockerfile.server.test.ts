import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
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
  const source = join(image, "src");
  await layOutSource(source);
  const [prune = ""] = lines.filter((text) => /^RUN .*npm prune/.test(text));
  const pruned = await runCommand("sh", ["-c", prune.replace("RUN ", "")], { env: withoutRegistry(), cwd: source });
  expect({ code: pruned.code, stderr: pruned.stderr }).toEqual({ code: 0, stderr: "" });
  for (const line of lines.filter((text) => text.startsWith("COPY --from=build "))) {
    const words = line.split(" ").slice(2);
    const target = words.pop() ?? "";
    for (const word of words) {
      const to = words.length > 1 || target.endsWith("/") ? join(target, basename(word)) : target;
      await cp(join(source, word.replace("/src/", "")), join(image, to), { recursive: true });
    }
  }
  const last = lines.find((text) => text.startsWith("ENTRYPOINT "))?.replace("ENTRYPOINT ", "") ?? "";
  const [program, script = ""] = JSON.parse(last) as string[];
  expect(program).toBe("node");
  entry = script.replace(/^\/kev\//, `${image}/`);
});

/** What the build stage has when it is done, but for most of what the build itself needed. */
async function layOutSource(folder: string): Promise<void> {
  await mkdir(folder);
  const files = ["package.json", "package-lock.json", ".npmrc", "LICENSE", "bin", "dist/cli"];
  const names = await withDependencies(["kafkajs", "libsql", "pg", "chalk"]);
  for (const file of [...files, ...names.map((name) => `node_modules/${name}`)]) {
    await cp(join(root, file), join(folder, file), { recursive: true });
  }
}

/** Packages and all that they need, as far as it is installed on this machine. */
async function withDependencies(names: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const name of names) await add(name);
  return [...found];

  async function add(name: string): Promise<void> {
    const manifest = await readFile(join(root, "node_modules", name, "package.json"), "utf8").catch(() => undefined);
    if (manifest === undefined || found.has(name)) return;
    found.add(name);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(manifest) as Record<string, object>;
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) await add(needed);
  }
}

/** Nothing is downloaded. */
function withoutRegistry(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: image,
    npm_config_registry: "http://127.0.0.1:9",
    npm_config_offline: "true",
  };
}

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

test("the image holds the clients that are not in the bundle, and nothing else", async () => {
  const packages = await readdir(join(image, "node_modules"));

  expect(packages).toEqual(expect.arrayContaining(["kafkajs", "pg"]));
  expect(packages).not.toContain("chalk");
  expect(packages).not.toContain("libsql");
});

test("what the image holds is enough to route events into Kafka", async () => {
  const file = join(image, "routes.yaml");
  await writeFile(
    file,
    "routes: [{ sinks: k }]\nsinks: { k: { type: kafka, brokers: ['127.0.0.1:9'], topic: events } }\n",
  );

  expect(await runCommand(node, [entry, "route", "check", "-f", file], { env, cwd: image })).toEqual({
    code: 0,
    stdout: `${file}: 1 route, 1 sink, no problems\n`,
    stderr: "",
  });
});

test("what the image holds is enough to keep a router's state in a file", async () => {
  const namespace = await uniqueNamespace("image");
  const args = [entry, "route", "-n", namespace, "--listen", "none", "--state", join(image, "state.db")];
  const router = startCommand(node, args, { env, cwd: image });
  await until(() => router.output.stderr.includes('"all events were listed"'));
  router.kill("SIGTERM");

  expect(await router.ended).toMatchObject({ code: 143, stdout: "" });
  expect(await readdir(image)).toContain("state.db");
});

test("what the image holds is enough to ask for a router's state in PostgreSQL", async () => {
  const args = [entry, "route", "--listen", "none", "--state", "postgres://kev@127.0.0.1:9/kev"];

  expect(await runCommand(node, args, { env, cwd: image })).toMatchObject({
    code: 6,
    stderr: expect.stringContaining("127.0.0.1:9"),
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
