import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, jest, test } from "@jest/globals";
import { freePort } from "../control-plane/free-port.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { checkConsole, readme } from "./check-console.ts";
import { createReadmeFolder, type ReadmeFolder } from "./readme-folder.ts";
import { snippetsOf } from "./snippets.ts";

jest.setTimeout(120_000);

// The tracker's snippets, in the order of the README.
const snippets = snippetsOf(readFileSync(readme, "utf8")).filter(({ setting }) => setting === "track");

let folder: ReadmeFolder;

beforeAll(async () => {
  const cluster = sharedControlPlane();
  const namespace = await uniqueNamespace("readme-track");
  // Without Pods it changes only where the README changes it.
  await cluster.must("create", "deployment", "ui-server", "--image=nginx:1.27", "--replicas=0", "-n", namespace);
  const port = await freePort();
  folder = await createReadmeFolder(cluster, namespace, {
    replace: [
      ["kev track deployments -n", `kev track deployments --listen :${port} -n`],
      ["metrics=:9104", `metrics=:${port}`],
      ["https://prod.example.com:6443", cluster.server],
    ],
  });
});

afterAll(async () => {
  await folder.remove();
  // The namespace takes what is in it along.
  const kinds = ["namespace", "clusterrole", "clusterrolebinding"];
  for (const kind of kinds)
    await sharedControlPlane().kubectl("delete", kind, "kev-track", "--ignore-not-found", "--wait=false");
});

describe("the tracker in README.md", () => {
  test.each(snippets.map((snippet) => ({ snippet, title: `line ${snippet.line}` })))("$title", ({ snippet }) =>
    checkConsole(folder, snippet),
  );
});
