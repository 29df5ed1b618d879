import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, jest, test } from "@jest/globals";
import { freePort } from "../control-plane/free-port.ts";
import { type ChangingSite, startChangingSite } from "../support/changing-site.ts";
import { startControlPlane } from "../support/control-plane.ts";
import { checkConsole, readme } from "./check-console.ts";
import { createReadmeFolder } from "./readme-folder.ts";
import { snippetsOf } from "./snippets.ts";

jest.setTimeout(120_000);

// The probe's snippets, in a cluster of their own: what is printed to install it is named as in the README.
const snippets = snippetsOf(readFileSync(readme, "utf8"));
const ends: (() => unknown)[] = [];

let folder: Awaited<ReturnType<typeof createReadmeFolder>>;
let site: ChangingSite;

beforeAll(async () => {
  const cluster = await startControlPlane({ controllers: false });
  ends.push(() => cluster.stop());
  await cluster.kubectl("create", "namespace", "prod");
  site = await startChangingSite();
  ends.push(() => site.close());
  site.mood = "broken";
  const port = await freePort();
  folder = await createReadmeFolder(cluster, "prod", {
    replace: [
      ["kev probe http", `kev probe --listen :${port} http`],
      ["metrics=:9103", `metrics=:${port}`],
      ["https://prod.example.com:6443", cluster.server],
      ["http://ui.example.com/", site.url],
    ],
    // The first run sees the site go down, the second one sees it up again.
    beforeInterruption: async () => {
      site.mood = "well";
    },
  });
  ends.push(() => folder.remove());
  for (const { file, body } of snippets) if (file === "targets.yaml") await folder.save(file, body);
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

describe("the probe in README.md", () => {
  test.each(
    snippets
      .filter(({ setting }) => setting === "probe")
      .map((snippet) => ({ snippet, title: `line ${snippet.line}: ${snippet.language}` })),
  )("$title", ({ snippet }) => checkConsole(folder, snippet));
});
