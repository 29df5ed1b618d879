import { sinkTypes } from "../../sinks/registry.ts";
import type { Sink, SinkServices, SinkType } from "../../sinks/sink.ts";
import { KevError, usageError } from "../../util/errors.ts";
import type { SinkConfig } from "../config/route-config.ts";

/**
 * What sends, for each sink of a config. Nothing is connected to yet.
 *
 * @param types those that the config was loaded with; default: kev's own
 * @throws usage error: options that contradict each other, a client that is not installed
 */
export async function createSinks(
  configs: readonly SinkConfig[],
  services: SinkServices,
  types: readonly SinkType[] = sinkTypes,
): Promise<ReadonlyMap<string, Sink>> {
  const sinks = new Map<string, Sink>();
  for (const { name, type, options } of configs) {
    const sinkType = types.find((one) => one.type === type);
    if (!sinkType) throw usageError(`sink "${name}" is of an unknown type "${type}"`);
    try {
      sinks.set(name, inTurn(await sinkType.create(options, services)));
    } catch (error) {
      await Promise.allSettled([...sinks.values()].map((sink) => sink.close()));
      if (!(error instanceof KevError)) throw error;
      throw usageError(`sink "${name}": ${error.message}`, { hint: error.hint, cause: error });
    }
  }
  return sinks;
}

/** A sink may be another's fallback as well; it is given one batch at a time. */
function inTurn(sink: Sink): Sink {
  let last: Promise<unknown> = Promise.resolve();
  return {
    send: (batch, signal) => {
      const result = last.then(() => {
        // Its turn may come when nobody waits for it any more.
        signal.throwIfAborted();
        return sink.send(batch, signal);
      });
      last = result.catch(() => undefined);
      return result;
    },
    preview: (batch) => sink.preview(batch),
    close: () => sink.close(),
  };
}
