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
        "metadata: {name: n}",
      ),
    ).toEqual([
      { ...ui, name: "a", source: "app.yaml:1" },
      { ...ui, name: "b", source: "app.yaml:5" },
      { ...ui, source: "app.yaml:10" },
      { apiVersion: "v", kind: "K", name: "n", source: "app.yaml:15" },
    ]);
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
