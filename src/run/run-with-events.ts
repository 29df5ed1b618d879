import { setMaxListeners } from "node:events";
import type { KubeEvent } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { systemClock } from "../util/clock.ts";
import type { KevError } from "../util/errors.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import { sendAll } from "../util/send-all.ts";
import { checkRun } from "./check-run.ts";
import type { Outcome } from "./outcome.ts";
import { patience, withinPatience } from "./patience.ts";
import { runCommand } from "./run-command.ts";
import { endContent, type RunContent, startContent } from "./run-content.ts";
import { createRunEvents, type Written } from "./run-events.ts";
import type { RunWithEventsOptions } from "./run-options.ts";

/** An event that could not be written, and why. */
export interface LostEvent {
  readonly reason: string;
  readonly error: KevError;
}

export interface RunResult {
  readonly outcome: Outcome;
  /** As the server stored them, the first ones first. */
  readonly events: readonly KubeEvent[];
  readonly lost: readonly LostEvent[];
  /** The annotation `kev.dev/run-id` of the events. */
  readonly runId: string;
}

/**
 * Runs a command with this process's stdin, stdout and stderr, and writes an event on each of the objects when it begins
 * (`<reason>Started`) and when it has ended (`<reason>Succeeded`, or `<reason>Failed`, a Warning). What cannot be written is
 * told in the result; the command runs all the same, and waits for nothing. A command that does not begin has the last event
 * alone.
 *
 * After the end of the command what is left to write has `retryTimeout`, at least 10 s; a second signal that would end this
 * process ends that.
 *
 * RBAC: get on the objects, create on events; with `key` also get and patch on events.
 *
 * @param connect called when there is an event to write, and again when it has failed; its signal ends the connection
 * @throws {@link KevError} of kind `usage` for what may not be written; with `requireEvents` what the first event failed of;
 *   the reason of the signal: in each case before the command is run
 */
export async function runWithEvents(
  connect: (signal: AbortSignal) => Promise<Connection>,
  options: RunWithEventsOptions,
): Promise<RunResult> {
  const { clock = systemClock, requireEvents = false, env = process.env } = options;
  const { subject, mask, tailLines } = await checkRun(options, env);
  const ending = new AbortController();
  // Every request under way listens to it; Node 20 warns on stderr from the eleventh on.
  setMaxListeners(0, ending.signal);
  const write = createRunEvents(() => connect(ending.signal), options, ending.signal);
  const bounds = { ...{ clock, ending }, milliseconds: patience(options) };
  const events: KubeEvent[] = [];
  const lost: LostEvent[] = [];
  const keep = ({ what }: RunContent, written: Written): void => {
    events.push(...written.events);
    lost.push(...written.errors.map((error) => ({ reason: what, error })));
  };

  const first = startContent(subject);
  if (requireEvents) {
    const writing = write(first, clock.now(), { onAll: true });
    const written = await withinPatience(writing, { ...bounds, signal: options.signal });
    const [error] = written.errors;
    if (error !== undefined) {
      const problem = "an event could not be written";
      // Where it is said that it began, it has to be said that it did not.
      if (written.events.length > 0) {
        await write(endContent(subject, { kind: "not-started", status: 125, problem }, 0, []), clock.now());
      }
      throw error;
    }
    keep(first, written);
  }
  let begunAt = clock.now();
  let writingFirst: Promise<Written> | undefined;
  const { outcome } = await runCommand({
    ...options,
    ...{ env, tailLines },
    stderr: options.stderr ?? { write: (bytes) => sendAll(2, bytes), descriptor: 2 },
    onBegin: () => {
      begunAt = clock.now();
      if (!requireEvents) writingFirst = write(first, begunAt);
    },
    whenEnded: async ({ outcome, lines }) => {
      const endedAt = clock.now();
      options.onEnd?.();
      const last = endContent(subject, outcome, endedAt.getTime() - begunAt.getTime(), lines.map(mask));
      const writingAll = async (): Promise<void> => {
        // What people read stands in the order in which it happened.
        if (writingFirst) keep(first, await writingFirst);
        keep(last, await write(last, endedAt));
      };
      await withinPatience(writingAll(), bounds);
    },
    onImpatience: (signal) => ending.abort(new InterruptedError(signal === "SIGTERM" ? "SIGTERM" : "SIGINT")),
  });
  return { outcome, events, lost, runId: subject.runId };
}
