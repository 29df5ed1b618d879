import { file } from "./file.ts";
import { kafka } from "./kafka.ts";
import type { SinkType } from "./sink.ts";
import { stdout } from "./stdout.ts";

/** Every kind of receiver, in the order that they are listed in. */
export const sinkTypes: readonly SinkType[] = [stdout, file, kafka];

export function findSinkType(name: string): SinkType | undefined {
  return sinkTypes.find(({ type }) => type === name);
}
