import type { SinkType } from "../../sinks/sink.ts";
import { deliveryFields } from "./delivery-fields.ts";
import { type SinkField, sinkFields } from "./sink-fields.ts";

/** What there is to know of a type of sink. JSON. */
export interface SinkDescription {
  readonly type: string;
  readonly summary: string;
  readonly documentation: string;
  /** npm package that it needs. */
  readonly client: string | undefined;
  /** Its own members, besides `type`. */
  readonly fields: readonly SinkField[];
  /** What all sinks have, with this one's defaults. */
  readonly deliveryFields: readonly SinkField[];
  /** YAML: its map in the file. */
  readonly example: string;
}

export function describeSink(type: SinkType): SinkDescription {
  return {
    ...{ type: type.type, summary: type.summary, documentation: type.documentation, client: type.client },
    fields: sinkFields(type.options),
    deliveryFields: deliveryFields(type.batch),
    example: type.example.endsWith("\n") ? type.example : `${type.example}\n`,
  };
}
