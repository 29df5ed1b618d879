import { constants } from "node:os";
import { errorCode, systemErrorText } from "../util/file-error.ts";

/** How a command ended, or why it did not begin. */
export type Outcome =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  | {
      readonly kind: "not-started";
      /** 127: there is no such command; 126: it cannot be run; 125: no process could be made. */
      readonly status: 125 | 126 | 127;
      /** `permission denied` */
      readonly problem: string;
    };

/** The status that a shell shows: 128 and its number for a signal. */
export function exitStatusOf(outcome: Outcome): number {
  if (outcome.kind === "exited") return outcome.code;
  return outcome.kind === "killed" ? 128 + constants.signals[outcome.signal] : outcome.status;
}

// What is missing is the machine's and not the command's.
const noRoom = ["EAGAIN", "ENOMEM", "EMFILE", "ENFILE"];

/** What it means that the system did not run `program`; statuses as those of env, timeout and docker run. */
export function notStarted(program: string, error: unknown): Outcome {
  const code = errorCode(error);
  const status = noRoom.includes(code) ? 125 : code === "ENOENT" ? 127 : 126;
  // Without a slash it was looked for in $PATH.
  const isSought = code === "ENOENT" && !program.includes("/");
  const problem = isSought ? "command not found" : systemErrorText(error);
  return { kind: "not-started", status, problem };
}
