import { hostname } from "node:os";
import { referable } from "../events/object-reference.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { type FoundObject, findObjects } from "../kube/find-objects.ts";
import { asKevError } from "../util/as-kev-error.ts";
import { KevError } from "../util/errors.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import { createMemory } from "../util/memory.ts";
import { type Emission, emitOn, needsWhole, type StoredEvent } from "./emission.ts";
import type { EmitContent, EmitSettings } from "./emit-options.ts";
import { lookUpMemory, prepareEmission, prepareWriter } from "./prepare-emission.ts";

/** One event of a batch. */
export interface BatchEntry extends EmitContent {
  /** What it is about: `TYPE/NAME` as kubectl takes it, or `NAME` of a Deployment (or of the preset's kind). */
  object: string;
  /** Type of a bare NAME; default the preset's, else Deployment. */
  kind?: string | undefined;
  /** Namespace of the object; default the batch's. */
  namespace?: string | undefined;
}

/** A place in a batch, and what stands there: an event, or something else that cannot be written. */
export type BatchLine =
  | { readonly line: number; readonly entry: BatchEntry }
  | { readonly line: number; readonly error: KevError };

/** What became of one line. */
export type BatchOutcome = {
  readonly line: number;
  /**
   * How often something of it was sent again because it had failed in a way that may pass: the event, or what was asked
   * before that. Of a look-up for several lines, with the first of them.
   */
  readonly retries: number;
} & (
  | StoredEvent
  /** Where `error.inDoubt` is true the event may be stored all the same. */
  | { readonly outcome: "failed"; readonly error: KevError }
);

export interface EmitBatchInput extends EmitSettings {
  /** Milliseconds in which a failure that may pass is tried again; default 120 000: a restart of the API server. */
  readonly retryTimeout?: number | undefined;
  /** Read no further ahead than is written; outcomes of at most 7 times `concurrency` lines wait for an earlier one's. */
  readonly lines: AsyncIterable<BatchLine> | Iterable<BatchLine>;
  /** Nothing more is read or begun once it aborts; what is under way goes on, until `signal` aborts. Default: `signal`. */
  readonly stop?: AbortSignal | undefined;
  /** Events under way at a time, each over a kept connection; default 32: the server stores together what comes together. */
  readonly concurrency?: number | undefined;
}

const usualConcurrency = 32;
const usualRetryTimeout = 120_000;
/** For each event under way: outcomes that wait for an earlier line's, so that a slow one does not hold up the others. */
const mostWaiting = 7;

/**
 * Creates the events of a batch, several at a time, and tells what became of each line in the order of the lines. One that
 * fails does not stop the others, whatever it failed of. An object is looked up once for all its events, and anew after a
 * minute; of what was looked up no more than 1,000 objects are remembered. Decisions are made one after the other, each
 * about the object as it is then.
 *
 * RBAC: get on the objects, create on events; with keys also get and patch on events.
 *
 * @throws the reason of the signals, after what became of the events that were under way; and what reading `lines` throws
 */
export async function* emitBatch(connection: Connection, input: EmitBatchInput): AsyncGenerator<BatchOutcome, void> {
  const {
    lines,
    stop = input.signal,
    concurrency = usualConcurrency,
    retryTimeout = usualRetryTimeout,
    ...rest
  } = input;
  // Asked of the system once.
  const host = (rest.hostName ?? hostname)();
  const settings = { ...rest, retryTimeout, hostName: () => host };
  const writer = prepareWriter(connection, settings);
  const objects = createMemory<FoundObject>({ ...lookUpMemory, clock: writer.clock });

  /** Writes the event of an entry on its object, from an earlier look where that is good enough. */
  async function writeOn(entry: BatchEntry, emission: Emission): Promise<StoredEvent> {
    const defaultKind = entry.kind ?? emission.resolved.defaultKind ?? "Deployment";
    const find = (): Promise<FoundObject> => findOne(emission, entry.object, defaultKind);
    if (emission.resolved.decision !== undefined) {
      const { type, object } = await find();
      return await emitOn(emission, type, object);
    }
    const key = JSON.stringify([entry.object, defaultKind, emission.namespace, entry.container !== undefined]);
    const { type, object } = await objects.get(key, async () => {
      const found = await find();
      return { type: found.type, object: referable(found.object) };
    });
    try {
      return await emitOn(emission, type, object);
    } catch (error) {
      // Its namespace is gone, and the object with it.
      if (error instanceof ApiError && error.httpStatus === 404) objects.forget(key);
      throw error;
    }
  }

  let deciding: Promise<unknown> = Promise.resolve();
  /** Decisions are ordered by the server: the later line is to be the later decision. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = deciding.then(run);
    deciding = turn.catch(() => undefined);
    return turn;
  }

  async function write(line: BatchLine): Promise<BatchOutcome> {
    let retries = 0;
    try {
      if ("error" in line) throw line.error;
      stop?.throwIfAborted();
      const { namespace = settings.namespace, ...content } = line.entry;
      const counting = writer.counting(() => retries++);
      const emission = prepareEmission(connection, { ...content, ...settings, namespace }, counting);
      const run = (): Promise<StoredEvent> => writeOn(line.entry, emission);
      const stored = await (emission.resolved.decision === undefined ? run() : inTurn(run));
      return { line: line.line, ...stored, retries };
    } catch (error) {
      return { line: line.line, outcome: "failed", error: asKevError(error), retries };
    }
  }

  yield* mapConcurrent(lines, concurrency, write, { waiting: mostWaiting * concurrency, stop });
}

/** The one object of `object`, as a command line names it. Throws what finding it throws. */
export async function findOne(emission: Emission, object: string, defaultKind: string): Promise<FoundObject> {
  const { reader, resolver, namespace, input } = emission;
  const [result] = await findObjects(reader, resolver, {
    args: [object],
    ...{ defaultKind, namespace, cwd: "", signal: input.signal },
    namespaceEnforced: Boolean(input.namespace) || reader.namespaceEnforced,
    need: (type) => (needsWhole(emission, type) ? "whole" : "metadata"),
  });
  if (result === undefined) throw new KevError("not-found", `there is no ${object}`);
  if ("error" in result) throw result.error;
  return result;
}
