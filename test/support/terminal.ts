import { spawn } from "node:child_process";
import { once } from "node:events";
import type { RunOptions } from "./run-command.ts";
import { until } from "./until.ts";

/** A terminal with a line of shell in it. */
export interface Terminal {
  /** All that it shows, line feeds as `\n`. */
  readonly shown: string;
  /** Types keys; Ctrl-C is `\x03`. */
  type(keys: string): void;
  /** Resolves when it shows the text. */
  shows(text: string): Promise<void>;
  /** The status of the shell; 128 + its number for a signal. */
  readonly ended: Promise<number>;
}

/** Runs a line of bash in a terminal of its own, as `script` makes it; both are part of every Linux but the smallest. */
export function openTerminal(line: string, { env, cwd }: Omit<RunOptions, "stdin">): Terminal {
  const child = spawn("script", ["-qfec", line, "/dev/null"], { env: { SHELL: "/bin/bash", ...env }, cwd });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text.replaceAll("\r\n", "\n");
  });
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close").then(
    ([code]) => code as number,
    (cause) => {
      throw new Error("There is no `script`: apt-get install bsdutils", { cause });
    },
  );
  return {
    get shown() {
      return shown;
    },
    type: (keys) => void child.stdin.write(keys),
    shows: (text) => until(() => shown.includes(text)),
    ended,
  };
}
