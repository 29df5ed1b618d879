import { describe, expect, test } from "@jest/globals";
import { type GrowingColumn, growingTable } from "../../src/cli/growing-table.ts";
import { table } from "../../src/cli/table.ts";

type Row = { name: string; message?: string };

const columns: GrowingColumn<Row>[] = [
  { head: "NAME", value: (row) => row.name },
  { head: "MESSAGE", value: (row) => row.message },
];

describe("growingTable", () => {
  test("prints heads once, and keeps the widest columns so far", () => {
    const print = growingTable(columns);
    expect(print([{ name: "approve", message: "a" }, { name: "b" }])).toBe(
      "NAME      MESSAGE\napprove   a\nb         <none>\n",
    );
    expect(print([{ name: "c", message: "c" }])).toBe("c         c\n");
    expect(print([{ name: "break-glass", message: "d" }])).toBe("break-glass   d\n");
    expect(print([])).toBe("");
    expect(print([{ name: "e", message: "e" }])).toBe("e             e\n");
  });

  test("of one call is a table", () => {
    const rows: Row[] = [
      { name: "中文\u001b[2J", message: "two\nlines 中文中文" },
      { name: "", message: "x" },
    ];
    for (const options of [{}, { noHeaders: true }, { width: 30 }, { width: 3 }]) {
      expect(growingTable(columns, options)(rows)).toBe(table(columns, rows, options));
    }
    expect(growingTable(columns)([])).toBe("NAME   MESSAGE\n");
  });

  test("leaves room from the start where asked", () => {
    const print = growingTable([{ head: "NAME", value: (row: Row) => row.name, leastWidth: 10 }, ...columns.slice(1)], {
      noHeaders: true,
    });
    expect(print([{ name: "a", message: "m" }])).toBe("a         m\n");
  });

  test("paints cells, not blanks nor heads, and measures them unpainted", () => {
    const painted = columns.map((column) => ({
      ...column,
      paint: (text: string, row: Row) => (row.name === "b" ? `<${text}>` : text),
    }));
    expect(
      growingTable(painted, { width: 17 })([
        { name: "a", message: "m" },
        { name: "b", message: "message too long" },
      ]),
    ).toBe("NAME   MESSAGE\na      m\n<b>      <message t…>\n");
  });
});
