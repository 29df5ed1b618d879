import { escapeTerminal } from "../util/escape-terminal.ts";
import { cellWidth, cutToCells } from "./cell-width.ts";

/** One column of a table. */
export interface Column<Row> {
  /** Printed in upper case, as it is. */
  head: string;
  /** Undefined and "" print as `empty`. */
  value: (row: Row) => string | undefined;
  /** kubectl's word for nothing: `<none>` (default), `<unset>`, `<unknown>`. */
  empty?: string;
}

export interface TableOptions {
  /** Leaves the line of heads out. Default false. */
  noHeaders?: boolean;
  /** Cells of the terminal: the last column is cut to fit. Default: nothing is cut, as for a pipe. */
  width?: number | undefined;
}

// kubectl's: k8s.io/cli-runtime/pkg/printers/tabwriter.go.
export const padding = 3;
export const leastWidth = 6;

/** Cells that the last column keeps in a terminal too narrow for it. */
export const leastLastColumn = 10;

/**
 * Rows under upper-case heads, three blanks between columns, as kubectl prints them; every line ends in a line feed.
 * Cells are escaped for terminals and aligned by the cells they take.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions = {}): string {
  const heads = columns.map(({ head }) => head.toUpperCase());
  const cells = rows.map((row) => columns.map(({ value, empty = "<none>" }) => escapeTerminal(value(row) || empty)));
  const lines = options.noHeaders ? cells : [heads, ...cells];
  const widths = columns.map((_, index) => {
    const longest = lines.reduce((most, line) => Math.max(most, cellWidth(line[index] ?? "")), 0);
    return Math.max(longest + padding, leastWidth);
  });
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width, 0);
  const left = options.width === undefined ? undefined : Math.max(options.width - before, leastLastColumn);
  return lines.map((line) => `${formatLine(line, widths, left)}\n`).join("");
}

function formatLine(line: string[], widths: number[], left: number | undefined): string {
  const padded = line.map((cell, index) => {
    if (index < line.length - 1) return cell + " ".repeat((widths[index] ?? 0) - cellWidth(cell));
    return left === undefined ? cell : cutToCells(cell, left);
  });
  return padded.join("");
}
