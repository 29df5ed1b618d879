import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { objectName, objectPrinter } from "../../src/cli/print-object.ts";

const event = {
  kind: "Event",
  apiVersion: "v1",
  metadata: { name: "ui.1", managedFields: [{ manager: "kev" }], labels: { a: "<b>" } },
  message: "bell\u0007\nnext",
};

const printObject = async (object: object, ...how: Parameters<typeof objectPrinter>): Promise<string> =>
  (await objectPrinter(...how))(object);

describe("objectPrinter", () => {
  test("json, without managed fields, keys sorted, 4 blanks, Go's escapes", async () => {
    expect(await printObject(event, { kind: "json" })).toBe(`{
    "apiVersion": "v1",
    "kind": "Event",
    "message": "bell\\u0007\\nnext",
    "metadata": {
        "labels": {
            "a": "\\u003cb\\u003e"
        },
        "name": "ui.1"
    }
}
`);
    expect(event.metadata.managedFields).toEqual([{ manager: "kev" }]);
  });

  test("yaml, with managed fields where asked", async () => {
    expect(await printObject(event, { kind: "yaml" }, { showManagedFields: true })).toBe(`apiVersion: v1
kind: Event
message: "bell\\a\\nnext"
metadata:
  labels:
    a: <b>
  managedFields:
  - manager: kev
  name: ui.1
`);
  });

  test("yaml of several objects is several documents", async () => {
    const print = await objectPrinter({ kind: "yaml" });
    expect(print({ kind: "A" }) + print({ kind: "B" }) + print({ kind: "C" })).toBe(
      "kind: A\n---\nkind: B\n---\nkind: C\n",
    );
  });

  test("json of several objects is one after another", async () => {
    const print = await objectPrinter({ kind: "json" });
    expect(print({ kind: "A" }) + print({ kind: "B" })).toBe('{\n    "kind": "A"\n}\n{\n    "kind": "B"\n}\n');
  });

  test("jsonpath sees managed fields and ends where the template ends", async () => {
    const template = "{.metadata.managedFields[0].manager}";
    expect(await printObject(event, { kind: "jsonpath", template })).toBe("kev");
    expect(await printObject(event, { kind: "jsonpath-as-json", template })).toBe('[\n    "kev"\n]\n');
  });

  test("jsonpath is escaped for a terminal and nothing else", async () => {
    const format = { kind: "jsonpath", template: '{.message}{"\\x1b[0m"}' } as const;
    expect(await printObject(event, format)).toBe("bell\u0007\nnext\u001b[0m");
    expect(await printObject(event, format, { terminal: true })).toBe("bell\\u0007\nnext\u001b[0m");
  });

  test("jsonpath-file reads the template from a file", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "kev-print-"));
    try {
      await writeFile(join(cwd, "t.txt"), "{.kind}\n");
      expect(await printObject(event, { kind: "jsonpath-file", file: "t.txt" }, { cwd })).toBe("Event\n");
      await expect(objectPrinter({ kind: "jsonpath-file", file: "no.txt" }, { cwd })).rejects.toMatchObject({
        kind: "usage",
        message: "error reading --template no.txt, open no.txt: no such file or directory",
      });
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  test("a wrong template is an error before anything is printed", async () => {
    await expect(objectPrinter({ kind: "jsonpath", template: "{.a[}" })).rejects.toMatchObject({
      kind: "usage",
      message: "error parsing jsonpath {.a[}, unterminated array",
    });
  });

  test("lists: managed fields go from every item, names come line by line", async () => {
    const list = { kind: "EventList", apiVersion: "v1", items: [event, { kind: "Event", metadata: { name: "b" } }] };
    expect(JSON.parse(await printObject(list, { kind: "json" }))).toEqual({
      ...list,
      items: [
        { ...event, metadata: { name: "ui.1", labels: { a: "<b>" } } },
        { kind: "Event", metadata: { name: "b" } },
      ],
    });
    expect(await printObject(list, { kind: "name" })).toBe("event/ui.1\nevent/b\n");
  });
});

test.each([
  [event, "event/ui.1"],
  [{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "ui" } }, "deployment.apps/ui"],
  [{ apiVersion: "v1", kind: "Pod", metadata: {} }, "pod/<unknown>"],
  [{ metadata: { name: "a\u001b[2J" } }, "<unknown>/a^[[2J"],
])("objectName %#", (object, name) => {
  expect(objectName(object)).toBe(name);
});
