import type { BatchLimits } from "../../sinks/sink.ts";
import { deliveryWith } from "../delivery/default-delivery.ts";
import type { SinkField } from "./sink-fields.ts";

/** What a sink's map has whatever its type is, as `kev route sinks` shows it. */
export function deliveryFields(batch: BatchLimits | undefined): SinkField[] {
  const standard = deliveryWith(batch);
  const field = (name: string, type: string, value: unknown, description: string): SinkField => {
    return { name, type, required: false, default: value, description, secret: false, template: false };
  };
  const { retry, queue } = standard;
  return [
    field("timeout", "duration", duration(standard.timeout), "Longest time that one send may take"),
    field("batch.events", "number", standard.batch.events, "Most events that are sent at once"),
    field("batch.bytes", "size", size(standard.batch.bytes), "Most bytes of them, as JSON"),
    field("batch.wait", "duration", duration(standard.batch.wait), "How long a batch waits to become full"),
    field("retry.first", "duration", duration(retry.first), "Wait before the second try; doubled from try to try"),
    field("retry.longest", "duration", duration(retry.longest), "Longest wait between two tries"),
    field("retry.giveUpAfter", "duration", undefined, "When fallback and deadLetters get what fails; never by default"),
    field("fallback", "string", undefined, "Sink for what is refused for good, or given up"),
    field("deadLetters", "string", undefined, "File for the same, where there is no fallback or that refuses it, too"),
    field("queue.events", "number", queue.events, "Most events that wait for the sink, on disk"),
    field("queue.bytes", "size", size(queue.bytes), "Most bytes of them"),
    field(
      "queue.onFull",
      "wait or drop",
      queue.onFull,
      "wait: read no more events; drop: lose what comes, and count it",
    ),
  ];
}

function duration(milliseconds: number): string {
  return milliseconds % 1_000 === 0 ? seconds(milliseconds / 1_000) : `${milliseconds}ms`;
}

function seconds(count: number): string {
  return count % 60 === 0 && count > 0 ? `${count / 60}m` : `${count}s`;
}

function size(bytes: number): string {
  const [unit, factor] = bytes >= 2 ** 30 ? ["GiB", 2 ** 30] : ["MiB", 2 ** 20];
  return bytes % Number(factor) === 0 ? `${bytes / Number(factor)}${unit}` : String(bytes);
}
