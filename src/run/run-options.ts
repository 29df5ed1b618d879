import type { EmitContent, EmitSettings } from "../record/emit-options.ts";
import type { Mask } from "./masking.ts";
import type { ProcessSignals } from "./process-signals.ts";
import type { StderrTarget } from "./run-command.ts";

/** A command to run, and what to say of it; all but the first two are optional. `signal` ends what is done before it is run. */
export interface RunWithEventsOptions
  extends Omit<EmitSettings, "dryRun" | "onDecision">,
    Pick<EmitContent, "component" | "instance" | "labels" | "annotations" | "defaults" | "key"> {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly [program: string, ...args: string[]];
  /** What the events are about: `TYPE/NAME` as kubectl takes it, or NAME of a Deployment. */
  readonly on: readonly string[];
  /** What the reasons begin with, in UpperCamelCase: `Migration` for MigrationStarted, …; default `Command`. */
  readonly reason?: string | undefined;
  /** What the messages begin with; default the program's name. At most 768 bytes. */
  readonly message?: string | undefined;
  /** Say the whole command line in the messages, masked. Arguments may hold secrets, so that they are left out by default. */
  readonly showCommand?: boolean | undefined;
  /** For the command; default this process's. Values of variables named like secrets are masked. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
  /** Lines of stderr in the event of a failure; default 10. With 0 the command has this process's stderr itself. */
  readonly tailLines?: number | undefined;
  /** Where its stderr goes when lines of it are kept; default this process's. */
  readonly stderr?: StderrTarget | undefined;
  /** What is hidden in the messages, beside passwords of URLs and of the environment. */
  readonly masks?: readonly Mask[] | undefined;
  /** More that is hidden wherever it stands. */
  readonly secrets?: readonly string[] | undefined;
  /** Store the first event before the command is run, and do not run it where that cannot be. */
  readonly requireEvents?: boolean | undefined;
  /** Lets the command have the signals of this process; default: they do here what they do anyway. */
  readonly signals?: ProcessSignals | undefined;
  /** Whether this process is at a terminal. */
  readonly isAtTerminal?: boolean | undefined;
  /** Told when the command is to be started, with this process's stdin; not where `requireEvents` keeps it from that. */
  readonly onStart?: (() => void) | undefined;
  /** Told when the command has ended, and events may still have to be written. */
  readonly onEnd?: (() => void) | undefined;
}
