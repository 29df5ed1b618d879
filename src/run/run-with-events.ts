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
import { createRunEvents, type RunEventsMemory, type Written } from "./run-events.ts";
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
 * @param connect called when there is an event to write, and again when it has failed; its signal ends the connection, which is
 *   closed in the end
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
  const memory: RunEventsMemory = { ids: new Map(), known: undefined };
  const around = createRunEvents(() => connect(ending.signal), options, ending.signal, memory);
  const { write } = around;
  const bounds = { ...{ clock, ending }, milliseconds: patience(options) };
  const events: KubeEvent[] = [];
  const lost: LostEvent[] = [];
  const keep = ({ what }: RunContent, written: Written): void => {
    events.push(...written.events);
    lost.push(...written.errors.map((error) => ({ reason: what, error })));
  };

  /** Says that the command did not begin, where it was said, or may have been, that it did. */
  async function takeBack(): Promise<readonly KevError[]> {
    // What has ended the first event must not end this one, which has its own time.
    const last = new AbortController();
    setMaxListeners(0, last.signal);
    const anew = createRunEvents(() => connect(last.signal), options, last.signal, memory);
    const problem = "an event could not be written";
    const content = endContent(subject, { kind: "not-started", status: 125, problem }, 0, []);
    try {
      const milliseconds = patience({ retryTimeout: 0 });
      return (await withinPatience(anew.write(content, clock.now()), { clock, ending: last, milliseconds })).errors;
    } finally {
      anew.close();
    }
  }

  const first = startContent(subject);
  if (requireEvents) {
    const writing = write(first, clock.now(), { onAll: true });
    const written = await withinPatience(writing, { ...bounds, signal: options.signal });
    const [error] = written.errors;
    if (error !== undefined) {
      around.close();
      if (written.events.length > 0 || written.errors.some(({ inDoubt }) => inDoubt)) {
        const [problem] = await takeBack();
        if (problem) error.addHint(`that the command was not run could not be written: ${problem.message}`);
      }
      throw error;
    }
    keep(first, written);
  }
  let begunAt = clock.now();
  let writingFirst: Promise<Written> | undefined;
  const ended = runCommand({
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
  const { outcome } = await ended.finally(around.close);
  return { outcome, events, lost, runId: subject.runId };
}
