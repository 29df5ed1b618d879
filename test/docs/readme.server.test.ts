import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { until } from "../support/until.ts";
import { checkConsole, readme } from "./check-console.ts";
import { createReadmeFolder, type ReadmeFolder } from "./readme-folder.ts";
import { snippetsOf } from "./snippets.ts";

// The snippets of the README, in its order, as a reader would use them; those of the gate have a cluster of their own.
const snippets = snippetsOf(readFileSync(readme, "utf8"));

jest.setTimeout(60_000);

let folder: ReadmeFolder;
let namespace: string;

beforeAll(async () => {
  namespace = await uniqueNamespace("readme");
  folder = await createReadmeFolder(sharedControlPlane(), namespace);
  await must("create", "deployment", "ui-server", "--image=nginx:1.27", "-n", namespace);
  await until(() => must("get", "events", "-n", namespace, "--field-selector=reason=ScalingReplicaSet", "-o", "name"));
});

afterAll(() => folder.remove());

describe("README.md", () => {
  test("is checked against the library's real types", async () => {
    await folder.save("wrong.ts", 'import { connect } from "kev-events";\nawait connect({ context: 1 });\n');
    const complaint = await folder.checkTypes();
    await folder.save("wrong.ts", "");

    expect(complaint).toBe("wrong.ts(2,17): error TS2322: Type 'number' is not assignable to type 'string'.\n");
  });

  test("has snippets of the kinds that are tested, and a file name for each that is saved", () => {
    const kinds = new Set(snippets.map(({ language, file }) => (file === undefined ? language : `${language} file`)));

    expect([...kinds].sort()).toEqual(["console", "jsonl file", "sh", "ts file", "yaml file"]);
    // Without output: they need the network, a container engine or minutes. All but the last have tests of their own.
    expect(snippets.filter(({ language }) => language === "sh").map(({ body }) => body)).toEqual([
      "npm ci && npm run demo\n",
      "npm ci && npm test\n",
      "npm install -g kev-events\n",
      "npm ci && npm pack && npm install -g ./kev-events-*.tgz\n",
      "source <(kev completion bash)\nsource <(kev completion zsh)\nkev completion fish > ~/.config/fish/completions/kev.fish\n",
      "docker build -f docs/Dockerfile -t registry.example.com/kev:0.1.0 .\n",
    ]);
  });

  test.each(
    snippets
      .filter(({ language, setting }) => language !== "sh" && setting === undefined)
      .map((snippet) => ({ snippet, title: `line ${snippet.line}: ${snippet.language} ${snippet.file ?? ""}` })),
  )("$title", async ({ snippet }) => {
    if (snippet.language === "console") {
      await checkConsole(folder, snippet);
      if (snippet.body.includes("kubectl apply")) await until(isAllowed);
    } else await folder.save(snippet.file ?? "", snippet.body);
    if (snippet.language === "ts") expect(await folder.checkTypes()).toBe("");
  });
});

/** Whether the API server has heard of the role that the README gives; it takes a moment. */
async function isAllowed(): Promise<boolean> {
  const account = `system:serviceaccount:${namespace}:release`;
  const rights = ["create", "events", "-n", namespace, "--as", account];
  return (await sharedControlPlane().kubectl("auth", "can-i", ...rights)).stdout === "yes\n";
}

async function must(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await sharedControlPlane().kubectl(...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}
