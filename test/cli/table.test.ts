import { describe, expect, test } from "@jest/globals";
import { type Column, table } from "../../src/cli/table.ts";

type Row = { name: string; age?: string; message?: string };

const columns: Column<Row>[] = [
  { head: "name", value: (row) => row.name },
  { head: "age", value: (row) => row.age, empty: "<unknown>" },
  { head: "message", value: (row) => row.message },
];

describe("table", () => {
  test("aligns columns three blanks apart under upper-case heads", () => {
    const rows: Row[] = [{ name: "approve", age: "5m", message: "Manually tested" }, { name: "x" }];
    expect(table(columns, rows)).toBe(
      "NAME      AGE         MESSAGE\napprove   5m          Manually tested\nx         <unknown>   <none>\n",
    );
  });

  test("leaves the heads out, and keeps kubectl's least column width", () => {
    expect(table(columns, [{ name: "x", age: "1", message: "m" }], { noHeaders: true })).toBe("x     1     m\n");
  });

  test("aligns by terminal cells", () => {
    const rows: Row[] = ["中文", "e\u0301e", "😀", "four"].map((name) => ({ name, age: "1", message: "." }));
    expect(table(columns.slice(0, 2), rows, { noHeaders: true })).toBe(
      "中文   1\ne\u0301e     1\n😀     1\nfour   1\n",
    );
  });

  test("escapes cells", () => {
    const rows: Row[] = [{ name: "a\u001b[2J", age: "b\nc", message: "\u202e" }];
    expect(table(columns, rows, { noHeaders: true })).toBe("a^[[2J   b\\nc   \\u202e\n");
  });

  test("cuts the last column to the terminal, down to ten cells", () => {
    const rows: Row[] = [{ name: "approve", age: "5m", message: "Manually tested and approved" }];
    expect(table(columns, rows, { width: 30 })).toBe("NAME      AGE   MESSAGE\napprove   5m    Manually test…\n");
    expect(table(columns, rows, { width: 5 })).toBe("NAME      AGE   MESSAGE\napprove   5m    Manually …\n");
    expect(table(columns, [{ name: "x", age: "y", message: "中文中文中文中文" }], { width: 23, noHeaders: true })).toBe(
      "x     y     中文中文中…\n",
    );
  });

  test("of no rows is its heads", () => {
    expect(table(columns, [])).toBe("NAME   AGE   MESSAGE\n");
    expect(table(columns, [], { noHeaders: true })).toBe("");
  });
});
