import { escapeTerminal } from "../util/escape-terminal.ts";
import { cellWidth, cutToCells } from "./cell-width.ts";
import { type Column, leastLastColumn, leastWidth, padding, type TableOptions } from "./table.ts";

/** One column of a table that is printed bit by bit. */
export interface GrowingColumn<Row> extends Column<Row> {
  /** Marks a cell on a terminal; it must not change the cells that the text takes. */
  paint?: (text: string, row: Row) => string;
  /** Cells kept for the column from the start, the blanks after it included. */
  leastWidth?: number | undefined;
}

/**
 * A table whose rows come one after the other: the text of those that came, the heads before the first. Columns never
 * get narrower, so that rows stay under one another as far as they can; the first call, with all rows that are there,
 * sets the widths. Nothing is kept but these. Heads are printed as they are written; otherwise it is as `table`.
 */
export function growingTable<Row>(
  columns: readonly GrowingColumn<Row>[],
  options: TableOptions = {},
): (rows: readonly Row[]) => string {
  const widths = columns.map((column) => Math.max(column.leastWidth ?? 0, leastWidth));
  let headsPrinted = options.noHeaders ?? false;

  const makeRoom = (cells: readonly string[]): void => {
    cells.slice(0, -1).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cellWidth(cell) + padding);
    });
  };
  const format = (cells: readonly string[], row?: Row): string => {
    const last = cells.length - 1;
    const before = widths.slice(0, -1).reduce((sum, width) => sum + width, 0);
    const texts = cells.map((cell, index) => {
      const shown = index === last && options.width !== undefined ? cut(cell, options.width - before) : cell;
      const painted = row === undefined ? shown : (columns[index]?.paint?.(shown, row) ?? shown);
      return index === last ? painted : painted + " ".repeat((widths[index] ?? 0) - cellWidth(cell));
    });
    return `${texts.join("")}\n`;
  };

  return (rows) => {
    const heads = headsPrinted ? undefined : columns.map(({ head }) => escapeTerminal(head));
    headsPrinted = true;
    const lines = rows.map((row) => columns.map((column) => textOf(column, row)));
    if (heads) makeRoom(heads);
    for (const cells of lines) makeRoom(cells);
    return (heads ? format(heads) : "") + lines.map((cells, index) => format(cells, rows[index])).join("");
  };
}

function textOf<Row>({ value, empty = "<none>" }: Column<Row>, row: Row): string {
  return escapeTerminal(value(row) || empty);
}

/** As `table` does: something is left of the last column in the narrowest terminal. */
function cut(cell: string, left: number): string {
  return cutToCells(cell, Math.max(left, leastLastColumn));
}
