import type { Context, Output } from "./context.ts";

/** What kev marks on a terminal; each returns its text unchanged where colour is off. */
export interface Style {
  /** Yellow and bold, as kubectl's `Warning:`. */
  warning(text: string): string;
}

const noStyle: Style = { warning: (text) => text };

/**
 * The style for what is written to `output`: colour on a terminal, unless `--color`, NO_COLOR, FORCE_COLOR or a dumb
 * terminal say otherwise, in that order. The library is loaded only where there is colour.
 */
export async function styleFor(
  output: Output,
  env: Context["env"],
  color: "auto" | "always" | "never" = "auto",
): Promise<Style> {
  if (!hasColor(output, env, color)) return noStyle;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return { warning: chalk.yellow.bold };
}

function hasColor(output: Output, env: Context["env"], color: "auto" | "always" | "never" = "auto"): boolean {
  if (color !== "auto") return color === "always";
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return output.isTTY && env.TERM !== "dumb";
}
