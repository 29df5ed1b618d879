import { describe, expect, test } from "@jest/globals";
import { parseManifests } from "../../src/kube/parse-manifests.ts";

function parse(...lines: string[]): Promise<unknown> {
  return parseManifests(lines.join("\n"), "app.yaml");
}

const ui = { apiVersion: "apps/v1", kind: "Deployment", name: "ui" };

describe("parseManifests", () => {
  test("YAML documents, each with the line it begins in", async () => {
    const objects = await parse(
      "# comment",
      "---",
      "apiVersion: apps/v1",
      "kind: Deployment",
      "metadata: {name: ui, namespace: prod}",
      "---",
      "# nothing",
      "---",
      "",
      "kind: Node",
      "apiVersion: v1",
      'metadata: {name: "1"}',
      "...",
    );
    expect(objects).toEqual([
      { ...ui, namespace: "prod", source: "app.yaml:3" },
      { apiVersion: "v1", kind: "Node", name: "1", source: "app.yaml:10" },
    ]);
  });

  const json = (name: string): string[] => [
    "{",
    '\t"apiVersion": "apps/v1", "kind": "Deployment",',
    `\t"metadata": {"name": "${name}", "annotations": {"a": "}\\"{"}}`,
    "}",
  ];
  test("JSON, one object after another, YAML behind it", async () => {
    expect(await parse(...json("ui"))).toEqual([{ ...ui, source: "app.yaml:1" }]);
    expect(
      await parse(
        ...json("a"),
        ...json("b"),
        "",
        ...json("ui"),
        "---",
        "kind: K",
        "apiVersion: v",
        "metadata: {name: m}",
      ),
    ).toEqual([
      { ...ui, name: "a", source: "app.yaml:1" },
      { ...ui, name: "b", source: "app.yaml:5" },
      { ...ui, source: "app.yaml:10" },
      { apiVersion: "v", kind: "K", name: "m", source: "app.yaml:15" },
    ]);
  });

  test("JSON after comments and separators", async () => {
    expect(await parse('# it"s {one', ...json("a"), "# another {", "---", ...json("b"), "  # the end")).toEqual([
      { ...ui, name: "a", source: "app.yaml:2" },
      { ...ui, name: "b", source: "app.yaml:8" },
    ]);
  });

  test("JSON with a string of many megabytes", async () => {
    const data = '{\\n\\"}'.repeat(3_000_000);
    const text = `{"data": {"x": "${data}"}, ${json("ui").join("\n").slice(1)}`;
    expect(await parse(text, ...json("b"))).toEqual([
      { ...ui, source: "app.yaml:1" },
      { ...ui, name: "b", source: "app.yaml:5" },
    ]);
  });

  test.each(["List", "PodList", "Pod"])("%s whose items are null is empty, as in kubectl", async (kind) => {
    expect(await parse(`kind: ${kind}`, "apiVersion: v1", "metadata: {name: a}", "items: null")).toEqual([]);
  });

  // Each as kubectl reads it.
  test.each(["on", "Off", "YES", "no", "y", "N", "true", "0b11", "010", "1e3"])(
    "%s is no name without quotes",
    async (name) => {
      await expect(parse("kind: A", "apiVersion: v1", `metadata: {name: ${name}}`)).rejects.toMatchObject({
        message: expect.stringMatching(/^app.yaml:1: metadata.name must be a string, not /),
        hint: "put it in quotes",
      });
    },
  );
  test.each(["oN", "yEs", "0b2", "1e", "'on'", "!!str on", "2020-01-01"])("%s is a name", async (name) => {
    const [object] = await parseManifests(`{kind: A, apiVersion: v1, metadata: {name: ${name}}}`, "STDIN");
    expect(object?.name).toBe(name.replace(/^!!str |'/g, ""));
  });

  test("lists are taken apart, lists in lists too", async () => {
    const objects = await parse(
      "apiVersion: v1",
      "kind: List",
      "items:",
      "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: ui}}",
      "- kind: PodList",
      "  apiVersion: v1",
      "  metadata: {resourceVersion: '7'}",
      "  items:",
      "  - metadata:",
      "      name: a",
      "  - metadata: {name: b}",
      "- {apiVersion: v1, kind: ConfigMapList, items: []}",
    );
    expect(objects).toEqual([
      { ...ui, source: "app.yaml:4" },
      { apiVersion: "v1", kind: "Pod", name: "a", source: "app.yaml:9" },
      { apiVersion: "v1", kind: "Pod", name: "b", source: "app.yaml:11" },
    ]);
  });

  test("what kubectl's YAML takes beyond the standard", async () => {
    const objects = await parse(
      "x: &meta {name: other, namespace: prod}",
      "apiVersion: apps/v1",
      "kind: StatefulSet",
      "kind: Deployment",
      "metadata:",
      "  <<: *meta",
      "  name: ui",
    );
    expect(objects).toEqual([{ ...ui, namespace: "prod", source: "app.yaml:1" }]);
  });

  test.each([[""], ["\n\n"], ["---\n---\n# nothing\n"], ["\ufeff"], ["null"]])("%j is empty", async (text) => {
    expect(await parse(text)).toEqual([]);
  });

  test.each<[string[], string]>([
    [
      ["kind: A", "metadata: {name: [}"],
      "error parsing app.yaml:2:19: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    [["kind: A", "\tb: 1"], "error parsing app.yaml:2:1: Tabs are not allowed as indentation"],
    [["---", "kind: *b"], "error parsing app.yaml:2: Unresolved alias (the anchor must be set before the alias): b"],
    [["", "just text"], `app.yaml:2: expected an object of Kubernetes, found "just text"`],
    [["- kind: A"], `app.yaml:1: expected an object of Kubernetes, found [{"kind":"A"}]`],
    [["metadata: {name: a}"], "app.yaml:1: Object 'Kind' is missing"],
    [["---", "kind: A"], "app.yaml:2: Object 'apiVersion' is missing"],
    [["{apiVersion: v1, kind: List, items: [", "{kind: A}]}"], "app.yaml:2: Object 'apiVersion' is missing"],
    [["kind: A", "apiVersion: v1"], "app.yaml:1: A has no metadata.name"],
    [["kind: PodList", "apiVersion: v1"], "app.yaml:1: PodList has neither items nor metadata.name"],
    [["kind: A", "apiVersion: v1", "metadata: {name: 12}"], "app.yaml:1: metadata.name must be a string, not 12"],
    [
      ["kind: A", "apiVersion: v1", "metadata: {name: a, namespace: true}"],
      "app.yaml:1: metadata.namespace must be a string, not true",
    ],
    [
      ["kind: Job", "apiVersion: batch/v1", "metadata: {generateName: j-}"],
      'app.yaml:1: Job has metadata.generateName "j-" and no name yet',
    ],
  ])("refuses %j", async (lines, message) => {
    await expect(parse(...lines)).rejects.toMatchObject({ kind: "usage", message });
  });

  test("JSON that breaks off is named by its last line", async () => {
    await expect(parse(...json("a"), "{", '  "kind": "A"')).rejects.toMatchObject({
      kind: "usage",
      message: "error parsing app.yaml:6:14: Flow map must end with a }",
    });
  });
});
