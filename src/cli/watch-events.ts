import type { StreamingConnection } from "../kube/connect.ts";
import { retriable } from "../kube/retriable.ts";
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

/** How long a server that has not answered once is asked again: a wrong address must not look like a quiet cluster. */
const firstAnswer = 30_000;

/**
 * `kev events -w`: prints the events that are there in order, then each as it comes, until nobody reads any more or
 * somebody interrupts.
 *
 * @throws the failure that kept the first list from being read
 */
export async function watchEvents(
  connection: StreamingConnection,
  options: FollowEventsOptions,
  { print, order, remarks }: WatchView,
  { stdout, clock, signal, keepMemorySteady }: Context,
): Promise<number> {
  await keepMemorySteady();
  const begun = clock.now().getTime();
  let replay: EventRow[] | undefined = [];
  const show = async (rows: readonly EventRow[]): Promise<void> => {
    const text = print(rows);
    if (text !== "") stdout.write(text);
    await stdout.drained();
  };
  for await (const step of followEvents(connection, options)) {
    switch (step.type) {
      case "event":
        if (replay) replay.push({ event: step.event, isGone: step.isGone });
        else await show([step]);
        break;
      case "synced":
        if (replay) await show(order(replay));
        else if (step.cause === "error") remarks.log("note: the events are read again; what was missed follows");
        replay = undefined;
        break;
      case "failed": {
        const isHopeless = retriable(step.error) === undefined || clock.now().getTime() - begun > firstAnswer;
        if (replay && isHopeless) throw step.error;
        remarks.log(`note: ${step.error.message}; trying again`);
      }
    }
    if (stdout.isClosed) return 0;
  }
  return signal.reason instanceof InterruptedError ? signal.reason.exitCode : 0;
}
