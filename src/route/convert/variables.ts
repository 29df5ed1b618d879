import type { Remark } from "./differences.ts";

// What kubernetes-event-exporter replaces in the text of its file before it reads it. Source: Go's os.Expand.
const variable = /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/** A value of a sink, with a reference to the environment in place of its variables: those are secrets most of the time. */
export type SinkValue = string | { readonly fromEnv: string };

/**
 * A text of a receiver. What is a variable as a whole stays one; of what holds some a new one is made.
 *
 * @param name of that new variable
 */
export function convertVariables(text: string, name: () => string, remark: (text: string) => void): SinkValue {
  const found = [...text.matchAll(variable)];
  const [only] = found;
  if (only === undefined) return text;
  const whole = only[1] ?? only[2] ?? "";
  if (found.length === 1 && only[0] === text) return { fromEnv: whole };
  const fromEnv = name();
  remark(`a value comes from a variable as a whole: set ${fromEnv} to ${text}`);
  return { fromEnv };
}

/** A text outside of receivers, where kev knows no variables: they are filled in now. */
export function fillIn(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  remark: (text: string) => void,
): string {
  return text.replaceAll(variable, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? "";
    remark(`variables stand under sinks only: ${name} was filled in${env[name] ? "" : ", it is not set"}`);
    return env[name] ?? "";
  });
}

/** A remark on one place. */
export function at(remark: Remark, where: string): (text: string) => void {
  return (text) => remark(where, text);
}
