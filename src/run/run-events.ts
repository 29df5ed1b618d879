import type { KubeEvent } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { type FailedObject, type FoundObject, findObjects } from "../kube/find-objects.ts";
import { type EventWriter, emitOn } from "../record/emission.ts";
import type { EmitSettings } from "../record/emit-options.ts";
import { prepareEmission, prepareWriter } from "../record/prepare-emission.ts";
import { asKevError } from "../util/as-kev-error.ts";
import { systemClock } from "../util/clock.ts";
import { createId } from "../util/create-id.ts";
import type { KevError } from "../util/errors.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import { createMemory } from "../util/memory.ts";
import type { RunContent } from "./run-content.ts";
import type { RunWithEventsOptions } from "./run-options.ts";

/** What became of one event on each of the objects. */
export interface Written {
  readonly events: readonly KubeEvent[];
  readonly errors: readonly KevError[];
}

/** Writes what happened `at` a time. Never throws. `onAll`: on no object where one of them cannot be found. */
export type WriteRunEvents = (content: RunContent, at: Date, options?: { onAll?: boolean }) => Promise<Written>;

export interface RunEvents {
  readonly write: WriteRunEvents;
  /** Lets go of the connection. */
  close(): void;
}

/** What the events of a run have in common, through whatever connection they are written. */
export interface RunEventsMemory {
  /** By the uid of an object, what the names of its first and last event end in. */
  readonly ids: Map<string, readonly [string, string]>;
  known: readonly FoundObject[] | undefined;
}

/** Events stored at a time. */
const concurrency = 8;

/**
 * Writes the events of a run. What was reached once is not asked for again: the connection, and the objects, which may be
 * gone at the end.
 *
 * @param signal ends what is under way
 * @param memory of what was written before through another connection
 */
export function createRunEvents(
  connect: () => Promise<Connection>,
  options: RunWithEventsOptions,
  signal: AbortSignal,
  memory: RunEventsMemory = { ids: new Map(), known: undefined },
): RunEvents {
  const { on, component, instance, labels, annotations, defaults, key } = options;
  const { namespace, fieldManager, retryTimeout, presets, clock, hostName, random, cacheDir, onRemark, onRetry } =
    options;
  const common = { component, instance, labels, annotations, defaults, key };
  const settings: EmitSettings = {
    ...{ namespace, fieldManager, retryTimeout, presets, clock, hostName, random, cacheDir, onRemark, onRetry, signal },
  };
  const forGood = { limit: 1, maxAge: Number.POSITIVE_INFINITY, clock: clock ?? systemClock };
  const connections = createMemory<{ connection: Connection; writer: EventWriter }>(forGood);
  const made: Connection[] = [];
  let isClosed = false;

  async function find({ reader, resolver }: EventWriter): Promise<readonly (FoundObject | FailedObject)[]> {
    if (memory.known) return memory.known;
    const found = await findObjects(reader, resolver, {
      // kubectl does not take names with and without a type beside each other.
      args: on.map((object) => (object.includes("/") ? object : `deployments.apps/${object}`)),
      ...{ defaultKind: "Deployment", namespace: namespace || reader.namespace, cwd: "", signal },
      namespaceEnforced: Boolean(namespace) || reader.namespaceEnforced,
      need: () => "metadata",
    });
    const objects = found.filter((object) => "object" in object);
    if (objects.length === found.length) memory.known = objects;
    return found;
  }

  /** Of the events of one second readers show the one first whose name is. */
  function idFor(uid: string, step: RunContent["step"]): string {
    const [one, other] = [createId(), createId()];
    const pair = memory.ids.get(uid) ?? (one < other ? ([one, other] as const) : ([other, one] as const));
    memory.ids.set(uid, pair);
    return pair[step];
  }

  async function open(): Promise<{ connection: Connection; writer: EventWriter }> {
    const connection = await connect();
    if (isClosed) connection.close();
    else made.push(connection);
    // Between two events a command may run for hours: the time for tries of the last one begins with it.
    return { connection, writer: prepareWriter(connection, settings, false) };
  }

  const write: WriteRunEvents = async ({ own, step, ...content }, at, { onAll = false } = {}) => {
    const events: KubeEvent[] = [];
    const errors: KevError[] = [];
    try {
      signal.throwIfAborted();
      const { connection, writer } = await connections.get("", open);
      const emission = {
        ...prepareEmission(connection, { ...common, ...content, at, ...settings }, writer),
        ...{ own, idFor: (uid: string) => idFor(uid, step) },
      };
      const found = await find(writer);
      errors.push(...found.flatMap((object) => ("error" in object ? object.error : [])));
      const objects = onAll && errors.length > 0 ? [] : found.filter((object) => "object" in object);
      const write = ({ type, object }: FoundObject): Promise<KubeEvent | KevError> =>
        emitOn(emission, type, object).then(({ event }) => event, asKevError);
      for await (const result of mapConcurrent(objects, concurrency, write)) {
        if (result instanceof Error) errors.push(result);
        else events.push(result);
      }
    } catch (error) {
      errors.push(asKevError(error));
    }
    return { events, errors };
  };
  return {
    write,
    close: () => {
      isClosed = true;
      for (const connection of made.splice(0)) connection.close();
    },
  };
}
