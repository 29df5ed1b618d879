import { hostname } from "node:os";
import type { ObjectReference } from "../events/event.ts";
import { byteLength } from "../events/limits.ts";
import { referenceTo } from "../events/object-reference.ts";
import { builtInPresets } from "../events/presets.ts";
import type { Connection } from "../kube/connection.ts";
import { findObjects } from "../kube/find-objects.ts";
import { createTypeResolver, noKnownTypes, type TypeResolver } from "../kube/resolve-type.ts";
import { apiVersionOf } from "../kube/resource-type.ts";
import { withRetry } from "../kube/with-retry.ts";
import type { RetryPolicy } from "../util/backoff.ts";
import { systemClock } from "../util/clock.ts";
import { usageError } from "../util/errors.ts";
import { createMemory, renewed } from "../util/memory.ts";
import { checkDecision } from "./check-decision.ts";
import type { Emission, EventWriter } from "./emission.ts";
import type { EmitContent, EmitSettings } from "./emit-options.ts";
import { type ResolvedContent, resolveContent } from "./resolve-content.ts";
import { whoAmI } from "./who-am-i.ts";

/** What `input` says, checked as far as no server is needed for it. Throws usage errors. */
export function checkInput(input: EmitContent & EmitSettings): ResolvedContent {
  const resolved = resolveContent(input, input.presets ?? builtInPresets, input.hostName ?? hostname);
  const now = (input.clock ?? systemClock).now();
  checkDecision(input, resolved, now);
  checkSettings(input, now);
  return resolved;
}

/**
 * How much of what was looked up is remembered, and for how many milliseconds. Who writes for days must notice that an
 * object was deleted and made anew, and nobody tells: the server takes events about whatever they name.
 */
export const lookUpMemory = { limit: 1_000, maxAge: 60_000 };

/**
 * What all events need that are written on one connection by the same settings. Sends nothing.
 *
 * @param sharesOutages the time for tries begins when the server goes away, once for all; false: for each event by itself
 */
export function prepareWriter(connection: Connection, settings: EmitSettings, sharesOutages = true): EventWriter {
  const { clock = systemClock, signal, random, onRetry } = settings;
  const policy: RetryPolicy = {
    timeout: settings.retryTimeout ?? 30_000,
    ...{ clock, signal, random, onRetry },
    outage: sharesOutages ? {} : undefined,
  };
  // The typed client is loaded while the server is asked for the objects.
  connection.coreV1(signal, "text").catch(() => undefined);
  const memory = { ...lookUpMemory, clock };
  const relatedObjects = createMemory<ObjectReference | undefined>(memory);
  const users = createMemory<string | undefined>({ ...memory, limit: 1 });
  const knownTypes = renewed(noKnownTypes, memory);
  const writerBy = (policy: RetryPolicy): EventWriter => {
    const reader = withRetry(connection, policy);
    const resolver = createTypeResolver(reader, { clock, cacheDir: settings.cacheDir, signal, known: knownTypes() });
    return {
      ...{ connection, reader, resolver, policy, clock },
      userName: () => users.get("", () => whoAmI(reader, signal)),
      related: (namespace, name) =>
        relatedObjects.get(JSON.stringify([namespace, name]), () =>
          relatedReference(reader, resolver, namespace, name, signal),
        ),
      counting: (onRetry) =>
        writerBy({
          ...policy,
          onRetry: (error, delay) => {
            onRetry();
            policy.onRetry?.(error, delay);
          },
        }),
    };
  };
  return writerBy(policy);
}

/** What all events of one call need. Throws as {@link checkInput}; sends nothing. */
export function prepareEmission(
  connection: Connection,
  input: EmitContent & EmitSettings,
  writer?: EventWriter,
): Emission {
  const resolved = checkInput(input);
  const { reader, resolver, policy, clock, userName, related } = writer ?? prepareWriter(connection, input);
  const namespace = input.namespace || connection.namespace;
  return {
    ...{ connection, reader, resolver, namespace, input, resolved, policy, clock },
    approver: () => (resolved.decision === undefined ? Promise.resolve(undefined) : userName()),
    related: async (scope) => (input.related === undefined ? undefined : related(scope ?? namespace, input.related)),
  };
}

function checkSettings(input: EmitContent & EmitSettings, now: Date): void {
  if (input.once && input.key === undefined) {
    throw usageError((name) => `${name("once")} needs ${name("key")}, which says what it is once of`);
  }
  if (input.related !== undefined && !input.related.includes("/")) {
    throw usageError((name) => `${name("related")} takes TYPE/NAME, not "${input.related}"`);
  }
  if (byteLength(input.fieldManager ?? "") > 128)
    throw usageError("fieldManager: Too long: may not be more than 128 bytes");
  if (input.key === "") throw usageError("the key is empty");
  if (input.at !== undefined && Number.isNaN(input.at.getTime())) throw usageError("the time of the event is no time");
  if (input.at !== undefined && input.at.getTime() > now.getTime()) {
    throw usageError(`the time ${input.at.toISOString()} lies in the future`);
  }
}

async function relatedReference(
  connection: Connection,
  resolver: TypeResolver,
  namespace: string,
  related: string,
  signal: AbortSignal | undefined,
): Promise<ObjectReference | undefined> {
  const [found] = await findObjects(connection, resolver, {
    args: [related],
    defaultKind: "Deployment",
    namespace,
    need: () => "metadata",
    cwd: "",
    signal,
  });
  if (found === undefined) return undefined;
  if ("error" in found) throw found.error;
  const { type, object } = found;
  return referenceTo({ apiVersion: apiVersionOf(type), kind: type.kind, namespaced: type.namespaced }, object);
}
