import type { SinkType } from "./sink.ts";

/** Every kind of receiver, in the order that they are listed in. */
export const sinkTypes: readonly SinkType[] = [];

export function findSinkType(name: string): SinkType | undefined {
  return sinkTypes.find(({ type }) => type === name);
}
