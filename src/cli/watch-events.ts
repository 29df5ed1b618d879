import type { StreamingConnection } from "../kube/connect.ts";
import { isHopeless } from "../kube/list-watch/refusals.ts";
import { type FollowEventsOptions, followEvents } from "../read/follow-events.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import type { Context } from "./context.ts";
import type { EventPrinter } from "./event-printer.ts";
import type { EventRow } from "./event-table.ts";
import type { Remarks } from "./remarks.ts";
import type { EventOrder } from "./sort-events.ts";

export interface WatchView {
  print: EventPrinter;
  order: EventOrder;
  remarks: Remarks;
}

/** How long a server that does not answer is asked for the first list: a wrong address must not look like a quiet cluster. */
const firstAnswer = 30_000;

/**
 * `kev events -w`: prints the events that are there in order, then each as it comes, until nobody reads any more or
 * somebody interrupts.
 *
 * @throws the failure that kept the first list from being read, and one that will not pass
 */
export async function watchEvents(
  connection: StreamingConnection,
  options: FollowEventsOptions,
  { print, order, remarks }: WatchView,
  { stdout, clock, signal, keepMemorySteady }: Context,
): Promise<number> {
  await keepMemorySteady();
  const reading = AbortSignal.any([signal, stdout.closed]);
  /** When the failures of a row began. */
  let failing: number | undefined;
  let isReplay = true;
  /** Of a list that is not complete yet. */
  let listed: EventRow[] = [];
  const show = async (rows: readonly EventRow[]): Promise<void> => {
    const text = print(rows);
    if (text !== "") stdout.write(text);
    await stdout.drained(reading);
  };
  for await (const step of followEvents(connection, { ...options, signal: reading })) {
    if (step.type === "failed") {
      const now = clock.now().getTime();
      failing ??= now;
      if (isHopeless(step) || (isReplay && now - failing > firstAnswer)) throw step.error;
      remarks.happened(`${step.error.message}; trying again`);
      continue;
    }
    failing = undefined;
    if (step.type === "event") {
      if (step.isListed) listed.push(step);
      else await show([step]);
    } else {
      if (step.cause === "error") remarks.happened("the events are read again; what was missed follows");
      await show(order(listed));
      listed = [];
      isReplay = false;
    }
  }
  return signal.reason instanceof InterruptedError ? signal.reason.exitCode : 0;
}
