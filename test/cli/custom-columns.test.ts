import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { customColumns, customColumnsFile } from "../../src/cli/custom-columns.ts";
import { growingTable } from "../../src/cli/growing-table.ts";

const events = [
  {
    metadata: { name: "one", labels: { a: "b" } },
    count: 3,
    reason: "",
    lastTimestamp: null,
    list: [{ n: "x" }, { n: 1 }],
  },
  { metadata: { name: "two\u001b[2J" } },
];

describe("custom columns", () => {
  test("print as kubectl's", () => {
    const spec = "Name:.metadata.name,C:{count},R:reason,L:{.metadata.labels},N:.list[*].n,T:.lastTimestamp,:.x,E:";
    expect(growingTable(customColumns(spec))(events)).toBe(
      [
        "Name       C        R        L          N        T                 E",
        "one        3                 map[a:b]   x,1      <nil>    <none>   <none>",
        "two^[[2J   <none>   <none>   <none>     <none>   <none>   <none>   <none>",
        "",
      ].join("\n"),
    );
  });

  test.each([
    ["", "custom-columns format specified but no custom columns given"],
    ["N", "unexpected custom-columns spec: N, expected <header>:<json-path-expr>"],
    ["N:.a,", "unexpected custom-columns spec: , expected <header>:<json-path-expr>"],
    [
      "N:.a{b",
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    ],
    ["N:{.a[}", "error parsing jsonpath {.a[}, unterminated array"],
  ])("%j is refused", (spec, message) => {
    expect(() => customColumns(spec)).toThrow(expect.objectContaining({ kind: "usage", message }));
  });

  test("a path that does not fit an object fails when it is printed", () => {
    const print = growingTable(customColumns("N:.list[5].n"));
    expect(() => print(events)).toThrow(expect.objectContaining({ kind: "failed" }));
  });
});

describe("custom columns of a file", () => {
  let dir = "";
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "kev-columns-"));
  });
  afterAll(() => rm(dir, { recursive: true }));

  test("two lines, parted by blanks; more is not read", async () => {
    await writeFile(join(dir, "good"), "NAME \t COUNT\r\n{metadata.name}   .count\nmore lines\n");
    expect(growingTable(await customColumnsFile("good", dir))(events.slice(0, 1))).toBe("NAME   COUNT\none    3\n");
  });

  const expected = "Expected format is one line of space separated headers, one line of space separated column specs.";
  test.each([
    ["", `invalid template, missing header line. ${expected}`],
    ["NAME X\n", `invalid template, missing spec line. ${expected}`],
    ["NAME X\nmetadata.name\n", "number of headers (2) and field specifications (1) don't match"],
  ])("%j is refused", async (text, message) => {
    await writeFile(join(dir, "bad"), text);
    await expect(customColumnsFile(join(dir, "bad"))).rejects.toMatchObject({ kind: "usage", message });
  });

  test("that is not there, or not named", async () => {
    const message = "error reading template nope, open nope: no such file or directory";
    await expect(customColumnsFile("nope", dir)).rejects.toMatchObject({ kind: "usage", message });
    await expect(customColumnsFile("")).rejects.toMatchObject({ kind: "usage" });
  });
});
