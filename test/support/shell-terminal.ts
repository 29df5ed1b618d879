import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { needProgram } from "../servers/need-program.ts";
import { until } from "./until.ts";

/** A program in a terminal of 100 columns, and a person at its keys. */
export interface Terminal {
  /** Presses keys. */
  type(keys: string): void;
  /** Resolves when `line` stands in front of the cursor; throws with all that was shown when it does not come to that. */
  shows(line: string): Promise<void>;
  /** All that was shown so far, without control characters. */
  readonly screen: string;
  close(): Promise<void>;
}

/**
 * Opens a terminal in which a shell's command line runs.
 *
 * @param env all of the environment
 */
export function openTerminal(command: string, env: Readonly<Record<string, string>>, cwd: string): Terminal {
  const script = needProgram("script", "apt-get install bsdutils");
  const inside = `stty cols 100 rows 40; exec ${command}`;
  const child = spawn(script, ["-qec", inside, "/dev/null"], { env: { TERM: "dumb", ...env, SHELL: "/bin/sh" }, cwd });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
  });
  // The shell may be gone.
  child.stdin.on("error", () => undefined);
  const screen = (): string => stripVTControlCharacters(written);
  return {
    type: (keys) => void child.stdin.write(keys),
    shows: (expected) =>
      until(() => lineBeforeCursor(screen()) === expected, 20_000).catch(() => {
        throw new Error(`The terminal does not show ${JSON.stringify(expected)}, but:\n${screen()}`);
      }),
    get screen() {
      return screen();
    },
    close: async () => {
      child.stdin.end("\u0003\u0004");
      setTimeout(() => child.kill("SIGKILL"), 2_000).unref();
      await ended;
    },
  };
}

/** Presses Tab behind each part, at a prompt `> `; the line that then stands there is told beside it. */
export async function complete(
  terminal: Terminal,
  parts: readonly (readonly [keys: string, line: string])[],
): Promise<void> {
  for (const [keys, line] of parts) {
    terminal.type(`${keys}\t`);
    await terminal.shows(`> ${line}`);
  }
}

/** What stands on the last line in front of the cursor, which goes back over it to write it anew. */
function lineBeforeCursor(text: string): string {
  const cells: string[] = [];
  let at = 0;
  for (const character of text.slice(text.lastIndexOf("\n") + 1)) {
    if (character === "\r") at = 0;
    else if (character === "\b") at--;
    else if (character !== "\u0007") cells[at++] = character;
  }
  return cells.slice(0, at).join("");
}
