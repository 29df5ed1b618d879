import type { WaitCommandOptions } from "../commands/wait.ts";
import { compileFilters } from "../events/filter.ts";
import { hasReason } from "../events/match.ts";
import { builtInPresets } from "../events/presets.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { unreachable } from "../kube/connection-failure.ts";
import { isHopeless } from "../kube/list-watch/refusals.ts";
import { qualifiedName } from "../kube/resource-type.ts";
import { retriable } from "../kube/retriable.ts";
import { checkSubject, type EventSubject } from "../read/event-subjects.ts";
import { listEvents } from "../read/list-events.ts";
import { type WaitResult, waitForEvent } from "../read/wait-for-event.ts";
import { parseGoDuration } from "../util/duration.ts";
import { KevError, usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import { eventPrinter } from "./event-printer.ts";
import { checkTree, eventScope } from "./event-scope.ts";
import { openConnection } from "./open-connection.ts";
import { parseTime } from "./parse-time.ts";
import { createRemarks } from "./remarks.ts";

const week = 7 * 24 * 3_600_000;
const usualTimeout = 30_000;

/** `kev wait`: prints the events that were waited for. */
export async function runWait(options: WaitCommandOptions, context: Context): Promise<number> {
  const { clock, signal, stdout } = context;
  const { quiet } = options;
  const failOn = reasonsOf("--fail-on", options.failOn);
  const reasons = reasonsOf("--for", options.for);
  checkTree(options);
  if (reasons.length === 0) throw usageError("--for is needed: the reason of the event to wait for");
  const wait = {
    conditions: reasons.map((reason) => hasReason(reason)),
    match: matchOf(options.match),
    count: countOf(options.count),
    onlyNew: options.new,
  };
  const timeout = timeoutOf(options.timeout);
  const filters = filtersOf(options, clock.now());
  compileFilters(filters, { types: "--types", component: "--component", grep: "--message" });
  const print = await eventPrinter(options, context, "found");
  const remarks = await createRemarks(context, options.color);
  const connection = await openConnection(options, context);
  const deadline = startDeadline(timeout, context);
  try {
    const timely = { ...context, signal: deadline.signal };
    const wanted = { ...filters, reason: [...reasons, ...failOn] };
    const { subjects, scope } = await eventScope(connection, options, wanted, timely);
    await checkAllAreThere(connection, subjects ?? [], deadline.signal);
    const result = await waitForEvent(connection, {
      ...scope,
      ...wait,
      timeout: deadline.left(),
      clock,
      signal,
      failOn: failOn.length > 0 ? hasReason(...failOn) : undefined,
      onFailure: (step, isReplay) => {
        if (isHopeless(step) || (isReplay && timeout === 0)) throw step.error;
        if (!quiet) remarks.happened(`${step.error.message}; trying again`);
      },
    });
    if (result.outcome === "timed-out") throw timedOut(reasons, subjects);
    if (!quiet) stdout.write(print(eventsOf(result).map((event) => ({ event }))));
    if (result.outcome === "met") return 0;
    throw new KevError("failed", `${result.event.reason} came while waiting for ${reasons.join(", ")}`);
  } finally {
    deadline.end();
    connection.close();
  }
}

/** Commas part several, as they do for `kev events --reason`; what is not to come cannot be waited for. */
function reasonsOf(flag: string, texts: readonly string[] = []): string[] {
  const reasons = texts.flatMap((text) => text.split(",")).map((text) => text.trim());
  for (const reason of reasons) {
    if (reason === "") throw usageError(`${flag} has an empty value`);
    const preset = builtInPresets.find(({ name }) => name === reason);
    if (preset)
      throw usageError(`${flag} takes reasons, and "${reason}" is a preset`, {
        hint: `its reason is ${preset.reason}`,
      });
    if (/^!|=/.test(reason)) throw usageError(`${flag} takes reasons, and "${reason}" is none`);
  }
  return [...new Set(reasons)];
}

interface Deadline {
  /** Aborts when the time is up, and with the context's. */
  readonly signal: AbortSignal;
  /** Milliseconds; 0 without a limit on what is looked at once. */
  left(): number;
  end(): void;
}

/** The time-out counts from the start: what is asked before the events are read belongs to it. */
function startDeadline(timeout: number, { clock, signal }: Context): Deadline {
  const begun = clock.now().getTime();
  const late = new AbortController();
  const ended = new AbortController();
  if (timeout > 0) {
    const reason = unreachable("timeout", `no answer within ${timeout / 1_000}s`);
    clock.sleep(timeout, ended.signal).then(
      () => late.abort(reason),
      () => undefined,
    );
  }
  return {
    signal: AbortSignal.any([signal, late.signal]),
    left: () => (timeout === 0 ? 0 : Math.max(timeout - (clock.now().getTime() - begun), 1)),
    end: () => ended.abort(new Error("done")),
  };
}

function eventsOf(result: Exclude<WaitResult, { outcome: "timed-out" }>) {
  if (result.outcome === "failed") return [result.event];
  // One event may meet several conditions.
  return [...new Set(result.events)];
}

function filtersOf({ types, component, message, since }: WaitCommandOptions, now: Date) {
  return { types, component, grep: message, since: since === undefined ? undefined : parseTime(since, now) };
}

function matchOf(text = "any"): "any" | "all" {
  if (text === "any" || text === "all") return text;
  throw usageError(`--match is any or all, not "${text}"`);
}

function countOf(text = "1"): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "--count" flag: it is a number from 1 on`);
}

// kubectl wait's: 0 looks once, and less waits for a week.
function timeoutOf(text: string | undefined): number {
  if (text === undefined) return usualTimeout;
  const milliseconds = parseGoDuration(text);
  if (milliseconds === undefined) throw usageError(`invalid timeout "${text}"`, { hint: "like 30s or 10m" });
  return milliseconds < 0 ? week : milliseconds;
}

/** A slip in a name must not look like an event that does not come. What is gone has events that tell of it. */
async function checkAllAreThere(
  connection: Connection,
  subjects: readonly EventSubject[],
  signal: AbortSignal,
): Promise<void> {
  for (const subject of subjects) {
    // With -A it may be in any namespace.
    if (subject.type.namespaced && !subject.reference.namespace) continue;
    try {
      await checkSubject(connection, subject, signal);
    } catch (error) {
      // An outage is waited out together with the events.
      if (retriable(error) !== undefined && !signal.aborted) continue;
      if (!(error instanceof ApiError) || error.httpStatus !== 404) throw error;
      const allNamespaces = !subject.type.namespaced;
      const known = await listEvents(connection, {
        allNamespaces,
        ...compileFilters({ about: [subject.reference] }),
        signal,
      });
      if (known.length === 0) throw error;
    }
  }
}

// kubectl wait's text, with what was waited for.
function timedOut(reasons: readonly string[], subjects: readonly EventSubject[] | undefined): KevError {
  const names = subjects?.map(({ type, reference }) => `${qualifiedName(type)}/${reference.name}`).join(", ");
  return new KevError("not-so", `timed out waiting for ${reasons.join(", ")}${names ? ` on ${names}` : ""}`);
}
