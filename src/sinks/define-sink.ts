import type { SinkType } from "./sink.ts";

/** A sink's type as given: only so that its `create` gets what its schema makes, without saying it twice. */
export function defineSink<Options>(type: SinkType<Options>): SinkType<Options> {
  return type;
}
