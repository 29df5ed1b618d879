import { type KevError, usageError } from "../util/errors.ts";
import type { ConfigProblem } from "./config.ts";

/** One usage error of everything that is wrong with a file, in its order, a line each: `PATH:LINE:COLUMN: MESSAGE`. */
export function problemsError(path: string, problems: readonly ConfigProblem[]): KevError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
  return usageError([...new Set(lines)].join("\n"), { prefix: "" });
}
