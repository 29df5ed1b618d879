import type { ConfigNode } from "../../config/config-node.ts";
import { type MapReader, type Report, readMap } from "../../config/map-reader.ts";
import type { BatchLimits } from "../../sinks/sink.ts";
import { deliveryWith } from "../delivery/default-delivery.ts";
import type { DeliveryPolicy } from "./route-config.ts";

/** What a sink's map has whatever its type is. */
export const deliveryKeys = ["batch", "timeout", "retry", "fallback", "deadLetters", "queue"] as const;

/** What is said of how a sink is delivered to, the rest filled in; what is wrong is reported. */
export function readDeliveryPolicy(
  members: MapReader,
  typeBatch: BatchLimits | undefined,
  resolvePath: (file: string) => string,
  report: Report,
): DeliveryPolicy {
  const standard = deliveryWith(typeBatch);
  const fallback = members.text("fallback", () => undefined);
  const deadLetters = members.text("deadLetters", (text) => (text === "" ? "is empty" : undefined));
  const policy: DeliveryPolicy = {
    batch: readBatch(members.node("batch"), standard.batch, report),
    timeout: members.duration("timeout", 1) ?? standard.timeout,
    retry: readRetry(members.node("retry"), standard.retry, report),
    fallback,
    deadLetters: deadLetters === undefined ? undefined : resolvePath(deadLetters),
    queue: readQueue(members.node("queue"), standard.queue, report),
  };
  checkTimes(members, policy, report);
  return policy;
}

function readBatch(node: ConfigNode | undefined, standard: BatchLimits, report: Report): BatchLimits {
  if (node === undefined) return standard;
  const members = readMap(node, "batch", ["events", "bytes", "wait"], report);
  const events = members.whole("events", 1) ?? standard.events;
  const wait = members.duration("wait") ?? standard.wait;
  if (events === 1 && members.has("wait") && wait > 0) {
    report(members.node("wait") ?? node, "batch.wait is for batches of several events: say how many in batch.events");
  }
  return { events, bytes: members.size("bytes") ?? standard.bytes, wait };
}

type Retry = DeliveryPolicy["retry"];

function readRetry(node: ConfigNode | undefined, standard: Retry, report: Report): Retry {
  if (node === undefined) return standard;
  const members = readMap(node, "retry", ["first", "longest", "giveUpAfter"], report);
  const first = members.duration("first", 1);
  const longest = members.duration("longest", 1);
  return {
    // Who says one of them only means the other no longer, or no shorter, than that.
    first: first ?? Math.min(standard.first, longest ?? standard.first),
    longest: longest ?? Math.max(standard.longest, first ?? standard.longest),
    giveUpAfter: members.duration("giveUpAfter") ?? standard.giveUpAfter,
  };
}

type Queue = DeliveryPolicy["queue"];

function readQueue(node: ConfigNode | undefined, standard: Queue, report: Report): Queue {
  if (node === undefined) return standard;
  const members = readMap(node, "queue", ["events", "bytes", "onFull"], report);
  return {
    events: members.whole("events", 1) ?? standard.events,
    bytes: members.size("bytes") ?? standard.bytes,
    onFull: members.choice("onFull", ["wait", "drop"]) ?? standard.onFull,
  };
}

/** Times that nothing would ever reach. */
function checkTimes(members: MapReader, { retry, fallback, deadLetters }: DeliveryPolicy, report: Report): void {
  const node = members.node("retry");
  const place = (key: string): ConfigNode | undefined => {
    return node?.kind === "map" ? node.entries.find((entry) => entry.key === key)?.value : undefined;
  };
  const [longest, giveUpAfter] = [place("longest"), place("giveUpAfter")];
  if (longest && retry.longest < retry.first) {
    report(longest, "retry.longest is shorter than retry.first, so that no wait could reach it");
  }
  if (!giveUpAfter) return;
  if (fallback === undefined && deadLetters === undefined) {
    report(giveUpAfter, "retry.giveUpAfter needs a fallback or deadLetters: without, nothing is ever given up");
  } else if (retry.giveUpAfter !== undefined && retry.giveUpAfter > 0 && retry.giveUpAfter < retry.first) {
    report(giveUpAfter, "retry.giveUpAfter is over before retry.first is, so that nothing would be tried twice");
  }
}
