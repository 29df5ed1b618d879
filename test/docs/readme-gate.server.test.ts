import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { startControlPlane } from "../support/control-plane.ts";
import { installedGateHost, runInstalledGate } from "../support/installed-gate.ts";
import { nodeVersions } from "../support/packed-cli.ts";
import { gateCertificate } from "../support/running-gate.ts";
import { checkConsole, readme } from "./check-console.ts";
import { createReadmeFolder } from "./readme-folder.ts";
import { snippetsOf } from "./snippets.ts";

jest.setTimeout(120_000);

// The gate's snippets, in a cluster of their own: its policy holds for the whole of it. What installs it comes first.
const snippets = snippetsOf(readFileSync(readme, "utf8")).filter(({ setting }) => setting === "gate");
const isInstallation = ({ body }: { body: string }): boolean => body.includes("kev gate manifests --image");
const ends: (() => unknown)[] = [];

let folder: Awaited<ReturnType<typeof createReadmeFolder>>;

beforeAll(async () => {
  const [, newest] = nodeVersions;
  if (newest === undefined) throw new Error("npm ci installs the Nodes");
  const cluster = await startControlPlane();
  ends.push(() => cluster.stop());
  await cluster.kubectl("create", "namespace", "prod");
  folder = await createReadmeFolder(cluster, "prod");
  ends.push(() => folder.remove());
  const certificate = await gateCertificate(cluster, installedGateHost);
  const [, certFile = "", , keyFile = ""] = certificate;
  for (const [name, from] of [
    ["ca.crt", cluster.caFile],
    ["tls.crt", certFile],
    ["tls.key", keyFile],
  ] as const) {
    await folder.save(name, await readFile(from, "utf8"));
  }
  for (const snippet of snippets.filter(isInstallation)) await checkConsole(folder, snippet);
  const gate = await runInstalledGate(cluster, newest, certificate);
  ends.push(async () => {
    gate.process.kill("SIGINT");
    await gate.process.ended;
  });
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

describe("the gate in README.md", () => {
  test("is installed by one of its snippets", () => {
    expect(snippets.filter(isInstallation)).toHaveLength(1);
  });

  test.each(
    snippets
      .filter((snippet) => !isInstallation(snippet))
      .map((snippet) => ({ snippet, title: `line ${snippet.line}: ${snippet.language}` })),
  )("$title", ({ snippet }) => checkConsole(folder, snippet));
});
