import type { KubeEvent } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { type FailedObject, type FoundObject, findObjects } from "../kube/find-objects.ts";
import type { ObjectArguments } from "../kube/object-arguments.ts";
import { asKevError } from "../util/as-kev-error.ts";
import type { KevError } from "../util/errors.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import { type Emission, emitOn, needsWhole } from "./emission.ts";
import type { EmitContent, EmitSettings } from "./emit-options.ts";
import { prepareEmission } from "./prepare-emission.ts";

/** What became of one object's event. */
export type EmitOutcome =
  | {
      /** `counted`: a keyed event was there and stands for one more; `unchanged`: it was there and `once` was asked. */
      outcome: "created" | "counted" | "unchanged";
      /** What the server stored; with a dry run, what would be. */
      event: KubeEvent;
    }
  | { outcome: "failed"; target: string; error: KevError };

/** Which objects, as a command line names them. */
export type EmitTargets = Omit<ObjectArguments, "defaultKind"> & {
  /** Type of a bare NAME; default the preset's, else Deployment. */
  kind?: string | undefined;
  /** With a selector: in all namespaces. */
  allNamespaces?: boolean | undefined;
  /** Reads the manifests of the file `-`. */
  readStdin?: (() => Promise<string>) | undefined;
  /** Folder that file names start from; default the process's. */
  cwd?: string | undefined;
};

export type EmitAllInput = EmitContent & EmitSettings & { objects: EmitTargets };

// Enough to hide the latency of a far server, few enough not to be throttled by it.
const concurrency = 8;

/**
 * Creates one event on each of the objects, at most 8 at a time, and tells what became of each in the order in which they
 * were named. One that fails does not stop the others.
 *
 * RBAC: get on the objects (list for selectors), create on events; with `key` also get and patch on events.
 *
 * @throws usage error when the event may not be written as asked, and what leaves nothing to go on with (an unknown type,
 *   a selector that selects nothing, a server that is not there); no event has been sent then
 */
export async function* emitAll(connection: Connection, input: EmitAllInput): AsyncGenerator<EmitOutcome> {
  const emission = prepareEmission(connection, input);
  const found = await find(emission, input);
  yield* mapConcurrent(found, concurrency, (result) => outcomeOf(emission, result));
}

async function find(emission: Emission, input: EmitAllInput): Promise<(FoundObject | FailedObject)[]> {
  const { kind, ...objects } = input.objects;
  const { reader } = emission;
  // Asked for beside the look-up, so that it costs no time of its own.
  emission.approver().catch(() => undefined);
  return await findObjects(reader, emission.resolver, {
    ...objects,
    defaultKind: kind ?? emission.resolved.defaultKind ?? "Deployment",
    namespace: emission.namespace,
    namespaceEnforced: Boolean(input.namespace) || reader.namespaceEnforced,
    need: (type) => (needsWhole(emission, type) ? "whole" : "metadata"),
    cwd: objects.cwd ?? ".",
    signal: input.signal,
  });
}

async function outcomeOf(emission: Emission, result: FoundObject | FailedObject): Promise<EmitOutcome> {
  if ("error" in result) return { outcome: "failed", ...result };
  const { type, object } = result;
  try {
    return await emitOn(emission, type, object);
  } catch (error) {
    // Whatever it is, it must not stop the others.
    return { outcome: "failed", target: `${type.plural} "${object.metadata.name ?? ""}"`, error: asKevError(error) };
  }
}
