import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { sinkTypes } from "../../src/sinks/registry.ts";
import { freePort } from "../control-plane/free-port.ts";
import { startControlPlane } from "../support/control-plane.ts";
import { type HttpReceiver, startHttpReceiver } from "../support/http-receiver.ts";
import { until } from "../support/until.ts";
import { checkConsole, readme } from "./check-console.ts";
import { createReadmeFolder } from "./readme-folder.ts";
import { snippetsOf } from "./snippets.ts";

jest.setTimeout(120_000);

// The router's snippets, in a cluster of their own, since it follows all events of a cluster.
const text = readFileSync(readme, "utf8");
const snippets = snippetsOf(text);
const files = snippets.filter(({ language }) => language === "yaml");
const ends: (() => unknown)[] = [];

let folder: Awaited<ReturnType<typeof createReadmeFolder>>;
let chat: HttpReceiver;
let loki: HttpReceiver;

async function startReceiver(): Promise<HttpReceiver> {
  const receiver = await startHttpReceiver({ receiptsOf: () => [], options: () => ({}) });
  ends.push(() => receiver.close());
  return receiver;
}

beforeAll(async () => {
  const cluster = await startControlPlane();
  ends.push(() => cluster.stop());
  await cluster.kubectl("create", "namespace", "prod");
  // Without Pods it has no events of its own.
  await cluster.kubectl("create", "deployment", "ui-server", "--image=nginx:1.27", "--replicas=0", "-n", "prod");
  [chat, loki] = [await startReceiver(), await startReceiver()];
  const port = await freePort();
  folder = await createReadmeFolder(cluster, "prod", {
    replace: [
      ["kev route 2>", `kev route --listen :${port} 2>`],
      ["kev route -f", `kev route --listen :${port} -f`],
      ["metrics=:9102", `metrics=:${port}`],
      ["https://prod.example.com:6443", cluster.server],
      ["http://loki.example.com:3100", loki.url],
      ["https://hooks.slack.com", chat.url],
    ],
    env: { SLACK_WEBHOOK: `${chat.url}/services/T000/B000/XXXX` },
    beforeInterruption: async (command) => {
      if (command.includes("-f routes.yaml")) {
        await until(() => chat.requests.length > 0 && loki.requests.length > 0, 20_000);
      }
    },
  });
  ends.push(() => folder.remove());
  for (const { file = "", body } of files) await folder.save(file, body);
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

describe("the router in README.md", () => {
  test.each(
    snippets
      .filter(({ setting }) => setting === "route")
      .map((snippet) => ({ snippet, title: `line ${snippet.line}: ${snippet.language}` })),
  )("$title", ({ snippet }) => checkConsole(folder, snippet));

  test("sends to the channel and to Loki what the text says", () => {
    const messages = chat.requests.map(({ url, body }) => ({ url, text: JSON.parse(body).text }));
    const lines = loki.requests.flatMap(({ body }) =>
      (JSON.parse(body) as { streams: { values: [string, string][] }[] }).streams.flatMap(({ values }) =>
        values.map(([, line]) => (JSON.parse(line) as { event: { reason: string } }).event.reason),
      ),
    );

    expect(messages).toEqual([{ url: "/services/T000/B000/XXXX", text: "*DiskFull* Deployment prod/ui-server" }]);
    expect(lines).toEqual(["DiskFull"]);
  });

  test("says of every type of sink what becomes of an event that is sent again", () => {
    const [, table = ""] = /\n\| sink \| what becomes .*\n\|.*\n((?:\|.*\n)+)/.exec(text) ?? [];
    const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, names = ""]) => names.split(", "));

    expect(named.sort()).toEqual(sinkTypes.map(({ type }) => `\`${type}\``).sort());
  });
});
