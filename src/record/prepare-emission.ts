import { hostname } from "node:os";
import type { ObjectReference } from "../events/event.ts";
import { byteLength } from "../events/limits.ts";
import { referenceTo } from "../events/object-reference.ts";
import { builtInPresets } from "../events/presets.ts";
import type { Connection } from "../kube/connection.ts";
import { findObjects } from "../kube/find-objects.ts";
import { createTypeResolver, type TypeResolver } from "../kube/resolve-type.ts";
import { apiVersionOf } from "../kube/resource-type.ts";
import { withRetry } from "../kube/with-retry.ts";
import type { RetryPolicy } from "../util/backoff.ts";
import { systemClock } from "../util/clock.ts";
import { usageError } from "../util/errors.ts";
import { oncePer } from "../util/once-per.ts";
import { checkDecision } from "./check-decision.ts";
import type { Emission } from "./emission.ts";
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

/** What all events of one call need. Throws as {@link checkInput}; sends nothing. */
export function prepareEmission(connection: Connection, input: EmitContent & EmitSettings): Emission {
  const clock = input.clock ?? systemClock;
  const resolved = checkInput(input);
  const policy: RetryPolicy = {
    timeout: input.retryTimeout ?? 30_000,
    clock,
    signal: input.signal,
    random: input.random,
    onRetry: input.onRetry,
    outage: {},
  };
  // The typed client is loaded while the server is asked for the objects.
  connection.coreV1().catch(() => undefined);
  const reader = withRetry(connection, policy);
  const namespace = input.namespace || connection.namespace;
  const resolver = createTypeResolver(reader, { clock, cacheDir: input.cacheDir, signal: input.signal });
  return {
    connection,
    reader,
    resolver,
    namespace,
    input,
    resolved,
    policy,
    clock,
    approver: once(() => (resolved.decision === undefined ? Promise.resolve(undefined) : whoAmI(reader, input.signal))),
    related: oncePer((scope) => relatedReference(reader, resolver, scope ?? namespace, input)),
  };
}

function checkSettings(input: EmitContent & EmitSettings, now: Date): void {
  if (input.once && input.key === undefined) throw usageError("--once needs --key, which says what it is once of");
  if (input.related !== undefined && !input.related.includes("/")) {
    throw usageError(`--related takes TYPE/NAME, not "${input.related}"`);
  }
  if (byteLength(input.fieldManager ?? "") > 128)
    throw usageError("fieldManager: Too long: may not be more than 128 bytes");
  if (input.key === "") throw usageError("the key is empty");
  if (input.at !== undefined && input.at.getTime() > now.getTime()) {
    throw usageError(`the time ${input.at.toISOString()} lies in the future`);
  }
}

async function relatedReference(
  connection: Connection,
  resolver: TypeResolver,
  namespace: string,
  { related, signal }: EmitContent & EmitSettings,
): Promise<ObjectReference | undefined> {
  if (related === undefined) return undefined;
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

/** `load`, run at the first call only. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= load();
    return result;
  };
}
