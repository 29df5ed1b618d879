import { kafka } from "./kafka.ts";
import type { SinkType } from "./sink.ts";
import { stdoutSink } from "./stdout.ts";

/** Every kind of receiver, in the order that they are listed in. */
export const sinkTypes: readonly SinkType[] = [stdoutSink, kafka];

export function findSinkType(name: string): SinkType | undefined {
  return sinkTypes.find(({ type }) => type === name);
}
