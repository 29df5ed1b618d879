import { basename } from "node:path";
import { humanDuration } from "../events/age.ts";
import type { EventType } from "../events/event.ts";
import { byteLength, limits, truncateBytes } from "../events/limits.ts";
import { usageError } from "../util/errors.ts";
import { exitStatusOf, type Outcome } from "./outcome.ts";

/** What an event around a run says. */
export interface RunContent {
  /** The reason: `MigrationStarted`. */
  readonly what: string;
  readonly type: EventType;
  /** At most 1024 bytes, of one line. */
  readonly message: string;
  /** 0 for the first event of a run, 1 for the last. */
  readonly step: 0 | 1;
  /** Annotations under kev.dev/. */
  readonly own: Readonly<Record<string, string>>;
}

/** What both events of a run have in common. */
export interface RunSubject {
  /** What the reasons begin with: `Migration`. */
  readonly reason: string;
  /** What the messages begin with; see {@link runSubject}. */
  readonly subject: string;
  readonly runId: string;
}

/** Bytes of a message that are left for how it ended, and the beginning of what it said. */
const forOutcome = 256;

/**
 * What the messages of a run begin with: `message`, else the name of the program. With `showCommand` that is the command
 * line, as a shell would take it.
 *
 * @throws KevError of kind `usage` when `message` leaves no room for anything else
 */
export function runSubject({
  command: [program, ...args],
  message,
  showCommand = false,
  mask,
}: {
  readonly command: readonly [string, ...string[]];
  readonly message?: string | undefined;
  readonly showCommand?: boolean | undefined;
  readonly mask: (line: string) => string;
}): string {
  const most = limits.message - forOutcome;
  const length = byteLength(message ?? "");
  if (length > most) throw usageError(`message is ${length} bytes long, the limit is ${most} here`);
  // Arguments may hold secrets.
  if (!showCommand) return message ?? basename(program);
  // Word by word, since quotes change what they stand around; and then all of it, for masks over several words.
  const line = mask([program, ...args].map((word) => shellWord(mask(word))).join(" "));
  return truncateBytes(message === undefined ? line : `${message}: ${line}`, most);
}

function shellWord(word: string): string {
  // With the stars of a mask.
  if (/^(?:[\w@%+=:,./-]|\*\*\*)+$/.test(word)) return word;
  if (!/\p{Cc}/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  // Bash's form with escapes: a message is one line.
  return `$'${word.replaceAll(/[\\']/g, "\\$&").replaceAll(/\p{Cc}/gu, escapeOf)}'`;
}

const shortEscapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeOf(character: string): string {
  return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

export function startContent({ reason, subject, runId }: RunSubject): RunContent {
  const message = `${subject} started`;
  return { what: `${reason}Started`, type: "Normal", message, step: 0, own: { "kev.dev/run-id": runId } };
}

/**
 * @param milliseconds how long it ran
 * @param lines the end of what it wrote to stderr, without secrets
 */
export function endContent(
  { reason, subject, runId }: RunSubject,
  outcome: Outcome,
  milliseconds: number,
  lines: readonly string[],
): RunContent {
  const isSuccess = outcome.kind === "exited" && outcome.code === 0;
  const head = `${subject} ${outcomeText(outcome, durationText(milliseconds))}`;
  return {
    what: `${reason}${isSuccess ? "Succeeded" : "Failed"}`,
    type: isSuccess ? "Normal" : "Warning",
    message: isSuccess ? head : withLines(head, lines),
    step: 1,
    own: {
      "kev.dev/run-id": runId,
      "kev.dev/exit-code": String(exitStatusOf(outcome)),
      ...(outcome.kind === "killed" && { "kev.dev/signal": outcome.signal }),
    },
  };
}

function durationText(milliseconds: number): string {
  // Rounded like the others, a command of 0.9 s would have taken none.
  return milliseconds < 10_000 ? `${(milliseconds / 1_000).toFixed(1)}s` : humanDuration(milliseconds);
}

function outcomeText(outcome: Outcome, duration: string): string {
  if (outcome.kind === "not-started") return `could not be started: ${outcome.problem}`;
  if (outcome.kind === "killed") return `was ended by ${outcome.signal} after ${duration}`;
  return outcome.code === 0
    ? `succeeded after ${duration}`
    : `failed with exit status ${outcome.code} after ${duration}`;
}

// In one line, since kubectl's tables know no others; the last says most.
function withLines(head: string, lines: readonly string[]): string {
  if (lines.length === 0) return truncateBytes(head, limits.message);
  const start = truncateBytes(head, limits.message - forOutcome / 2);
  return `${start}: ${lastBytes(lines.join(" | "), limits.message - byteLength(start) - 2)}`;
}

/** The end of `text`, with `…` before it where something was cut off; never inside of a code point. */
function lastBytes(text: string, max: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= max) return text;
  let from = bytes.length - (max - byteLength("…"));
  // Bytes that go on with a code point.
  while (((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
  return `…${new TextDecoder().decode(bytes.subarray(from))}`;
}
