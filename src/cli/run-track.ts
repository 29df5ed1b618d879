import { setMaxListeners } from "node:events";
import type { TrackCommandOptions } from "../commands/track.ts";
import { withinLimit } from "../events/limits.ts";
import { isQualifiedName } from "../events/qualified-name.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import { missingNamespace } from "../kube/explain-not-found.ts";
import { objectPath } from "../kube/object-path.ts";
import { readClusterUid } from "../kube/read-cluster-uid.ts";
import { createTypeResolver } from "../kube/resolve-type.ts";
import { withRetry } from "../kube/with-retry.ts";
import { type MetricsServer, startMetricsServer } from "../metrics/metrics-server.ts";
import { monitoringPage, type Readiness } from "../metrics/monitoring-pages.ts";
import { listenText, parseListen } from "../metrics/parse-listen.ts";
import { eventType } from "../read/list-events.ts";
import { checkEventRights } from "../record/check-event-rights.ts";
import { createMemoryTrackStore } from "../track/memory-track-store.ts";
import { createTrackMetrics } from "../track/track-metrics.ts";
import { createObjectTracking, type ObjectTracking } from "../track/track-objects.ts";
import { combineTrackObservers, type TrackStatus } from "../track/track-observer.ts";
import type { TrackStore } from "../track/track-store.ts";
import { checkTypeWords, resolveTrackedTypes, type TrackedType } from "../track/tracked-types.ts";
import { usageError } from "../util/errors.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import type { Context } from "./context.ts";
import { outcomePrinter, printOutcome } from "./emit-outcome.ts";
import { endingOf } from "./ending.ts";
import { createLog } from "./log.ts";
import { logRetry } from "./log-retry.ts";
import { errorText } from "./log-text.ts";
import { openConnection } from "./open-connection.ts";
import { printError } from "./print-error.ts";
import { checkTrackState, trackStateFile } from "./state-place.ts";
import { createTrackLog } from "./track-log.ts";
import { trackOptions } from "./track-options.ts";
import { withTryLimit } from "./with-try-limit.ts";

/** Milliseconds in which a server that cannot be reached is asked what the start needs. */
const patience = 30_000;

/** `kev track`: writes events until it is interrupted, or nobody reads its stdout any more. */
export async function runTrack(options: TrackCommandOptions, context: Context): Promise<number> {
  const { namespace } = options;
  if (options.allNamespaces && namespace !== undefined) {
    throw usageError("--all-namespaces and --namespace cannot be used together");
  }
  // All that is wrong is said before anything is asked, or made.
  const words = checkTypeWords(options.types);
  const listen = parseListen(options.listen ?? ":9104");
  const tracked = trackOptions(options);
  const { component = "kev-track", state } = options;
  if (!isQualifiedName(component)) throw usageError(`component "${component}" is not a qualified name`);
  const instance = withinLimit("reportingInstance", options.instance ?? context.hostName());
  // A namespace that leads elsewhere.
  objectPath(eventType, namespace);
  checkTrackState(state);
  const print = await outcomePrinter(options, {}, context);
  const { clock } = context;
  const log = createLog(context);
  await context.keepMemorySteady();
  const ending = endingOf(context, !options.quiet);
  let tracking: ObjectTracking | undefined;
  const status = async (): Promise<TrackStatus> => (await tracking?.status()) ?? idle;
  const metrics = createTrackMetrics({ status, clock });
  const pages = (path: string) =>
    monitoringPage(path, {
      signal: ending.signal,
      readiness: async () => readinessOf(await status()),
      metrics: metrics.page,
    });
  // What waits at the end is still written over it.
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  ending.signal.addEventListener("abort", () => tracking ?? closing.abort(ending.signal.reason), { once: true });
  if (ending.signal.aborted) closing.abort(ending.signal.reason);
  const connection = await openConnection(withTryLimit(options, {}), { ...context, signal: closing.signal });
  let server: MetricsServer | undefined;
  try {
    if (listen) {
      const onError = (error: unknown): void => log("error", "a page could not be made", { error: errorText(error) });
      server = await startMetricsServer({ ...listen, pages, onError });
    }
    const patient = withRetry(connection, {
      ...{ timeout: patience, clock, signal: ending.signal },
      onRetry: logRetry(log),
    });
    const cacheDir = cacheFolder(options.cacheDir, context.env, context.homeDir);
    const resolver = createTypeResolver(patient, { clock, cacheDir, signal: ending.signal });
    const types = await resolveTrackedTypes(words, resolver);
    for (const place of placesOf(types, namespace)) {
      await checkEventRights(patient, { verbs: ["create"], namespace: place, signal: ending.signal });
    }
    const isPlaced = types.some(({ type }) => type.namespaced);
    const missing = isPlaced && namespace !== undefined ? await missingNamespace(patient, namespace) : undefined;
    // It may come yet, as an object of it may; but more often it is a slip.
    if (missing) log("warn", "the namespace does not exist", { namespace, hint: missing.hint });
    const clusterUid = await readClusterUid(patient, ending.signal);
    const owner = { server: connection.server, clusterUid, namespace };
    const of = [...types.map(({ name }) => name), tracked.selector ?? []].flat();
    const file = state === "none" ? undefined : trackStateFile(state, owner, of, context);
    tracking = createObjectTracking(connection, {
      ...tracked,
      ...{ types, namespace, clusterUid, component, instance, clock },
      store: await openStore(file),
      observer: combineTrackObservers([metrics, createTrackLog(log)]),
      onEvent: async (event) => {
        printOutcome({ outcome: "created", event }, print, {
          ...context,
          dryRun: undefined,
          onFailure: (error) => printError(error, context),
        });
        await context.stdout.drained(ending.signal);
      },
      signal: ending.signal,
    });
    log("info", "tracking", {
      types: types.map(({ name }) => name).join(","),
      server: connection.server,
      namespace: namespace ?? "all",
      state: file ?? "none",
      metrics: server && listenText(server.address),
    });
    await tracking.run();
    log("info", "ended");
    return context.signal.reason instanceof InterruptedError ? context.signal.reason.exitCode : 0;
  } finally {
    tracking = undefined;
    ending.abort();
    closing.abort();
    await server?.close();
    connection.close();
  }
}

/** Where events are written: in the namespaces of their objects, and in `default` for those that have none. */
function placesOf(types: readonly TrackedType[], namespace: string | undefined): (string | undefined)[] {
  if (namespace === undefined) return [undefined];
  const isMixed = types.some(({ type }) => !type.namespaced);
  return [
    ...new Set([...(types.some(({ type }) => type.namespaced) ? [namespace] : []), ...(isMixed ? ["default"] : [])]),
  ];
}

async function openStore(file: string | undefined): Promise<TrackStore> {
  if (file === undefined) return createMemoryTrackStore();
  const { openSqliteTrackStore } = await import("../track/sqlite-track-store.ts");
  return await openSqliteTrackStore(file);
}

const idle: TrackStatus = { types: [], pending: 0, waiting: 0, oldestAt: undefined };

function readinessOf({ types }: TrackStatus): Readiness[] {
  if (types.length === 0) return [{ check: "listed", problem: "nothing is tracked yet" }];
  return types.flatMap(({ type, isListed, isWatching }) => [
    { check: `${type} listed`, problem: isListed ? undefined : "the first list is not complete" },
    { check: `${type} watch`, problem: isWatching ? undefined : "the API server cannot be reached" },
  ]);
}
