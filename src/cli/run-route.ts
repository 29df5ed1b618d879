import type { RouteCommandOptions } from "../commands/route.ts";
import { objectPath } from "../kube/object-path.ts";
import { readClusterUid } from "../kube/read-cluster-uid.ts";
import { withRetry } from "../kube/with-retry.ts";
import { type MetricsServer, startMetricsServer } from "../metrics/metrics-server.ts";
import { monitoringPage, type Readiness } from "../metrics/monitoring-pages.ts";
import { listenText, parseListen } from "../metrics/parse-listen.ts";
import { eventType } from "../read/list-events.ts";
import { combineObservers } from "../route/combine-observers.ts";
import { defaultRouteConfig } from "../route/config/default-route-config.ts";
import type { RouteConfig } from "../route/config/route-config.ts";
import { createSinks } from "../route/delivery/create-sinks.ts";
import { withDeadLetters } from "../route/delivery/with-dead-letters.ts";
import { parseCompat } from "../route/metrics/compat-metrics.ts";
import { createRouteMetrics } from "../route/metrics/route-metrics.ts";
import { createEventRouting, type EventRouting } from "../route/route-events.ts";
import type { RouteStatus } from "../route/route-observer.ts";
import { createRouter } from "../route/rules/router.ts";
import { createMemoryStore } from "../route/store/memory-store.ts";
import { postgresAddress } from "../route/store/postgres-connection.ts";
import type { RouteStore } from "../route/store/route-store.ts";
import { usageError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import type { Context } from "./context.ts";
import { endingOf } from "./ending.ts";
import { leaderElection } from "./leader-election.ts";
import { loadRoutingFile, sinkServices } from "./load-routing-file.ts";
import { createLog, type Log } from "./log.ts";
import { logRetry } from "./log-retry.ts";
import { openConnection } from "./open-connection.ts";
import { parseEventTtl } from "./parse-event-ttl.ts";
import { createRouteLog } from "./route-log.ts";
import { checkState, type StatePlace, statePlace } from "./state-place.ts";

/** Milliseconds in which a server that cannot be reached is asked which cluster it is of. */
const patience = 30_000;

/** `kev route`: sends events on until it is interrupted, or nobody reads its stdout any more. */
export async function runRoute(options: RouteCommandOptions, context: Context): Promise<number> {
  if (options.allNamespaces && options.namespace !== undefined) {
    throw usageError("--all-namespaces and --namespace cannot be used together");
  }
  // All that is wrong is said before anything is asked, or made.
  objectPath(eventType, options.namespace);
  checkState(options.state);
  const listen = parseListen(options.listen ?? ":9102");
  const eventTtl = parseEventTtl(options.eventTtl ?? "1h");
  const compat = options.compat === undefined ? [] : parseCompat(options.compat);
  const { namespace, forgetSink: forgetSinks, fromNow, objectMetrics: objectLabels } = options;
  const { clock } = context;
  const log = createLog(context);
  const elect = leaderElection(options, context, log);
  const { filename } = options;
  const config = filename === undefined ? defaultRouteConfig() : await loadRoutingFile(filename, context);
  await context.keepMemorySteady();
  const ending = endingOf(
    context,
    config.sinks.some(({ type }) => type === "stdout"),
  );
  let routing: EventRouting | undefined;
  const status = (): RouteStatus => routing?.status ?? idle(config);
  const isLeader = options.leaderElect ? () => routing !== undefined : undefined;
  const metrics = createRouteMetrics({ status, clock, objectLabels, compat, isLeader });
  const pages = (path: string) =>
    monitoringPage(path, {
      signal: ending.signal,
      readiness: async () => (isLeader?.() === false ? [] : readinessOf(status())),
      metrics: metrics.page,
    });
  const connection = await openConnection(options, { ...context, signal: ending.signal });
  let server: MetricsServer | undefined;
  try {
    if (listen) {
      const onError = (error: unknown): void =>
        log("error", "a page could not be made", { error: errorMessage(error) });
      server = await startMetricsServer({ ...listen, pages, onError });
    }
    const patient = withRetry(connection, {
      ...{ timeout: patience, clock, signal: ending.signal },
      onRetry: logRetry(log),
    });
    const clusterUid = await readClusterUid(patient, ending.signal);
    const place: StatePlace = statePlace(options.state, { server: connection.server, clusterUid, namespace }, context);
    await elect(connection, ending.signal, async (signal) => {
      routing = createEventRouting(connection, {
        ...{ namespace, clusterUid, fromNow, eventTtl, forgetSinks, clock, signal },
        listAtStart: compat.includes("event_exporter"),
        config: place.kind === "file" ? withDeadLetters(config, place.file) : config,
        router: createRouter(config),
        sinks: await createSinks(config.sinks, sinkServices(context, filename)),
        store: await openStore(place, options, { ...context, signal }),
        observer: combineObservers([metrics, createRouteLog(log)]),
      });
      if (place.kind !== "file") warnOfRefusals(config, log);
      log("info", "routing", {
        server: connection.server,
        namespace: namespace ?? "all",
        state: placeText(place),
        metrics: server && listenText(server.address),
      });
      await routing.run();
    });
    log("info", "ended");
    return context.signal.reason instanceof InterruptedError ? context.signal.reason.exitCode : 0;
  } finally {
    ending.abort();
    await server?.close();
    connection.close();
  }
}

async function openStore(
  place: StatePlace,
  { leaderElect, leaderElectResourceName }: RouteCommandOptions,
  { env, clock, signal }: Context,
): Promise<RouteStore> {
  if (place.kind === "none") return createMemoryStore();
  if (place.kind === "postgres") {
    const { openPostgresStore } = await import("../route/store/postgres-store.ts");
    // A former leader may be ending still.
    const wait = leaderElect ? patience : 0;
    return await openPostgresStore({
      ...{ url: place.url, patience: wait, env, clock, signal },
      // Of two routers of one cluster, the Lease's name tells which one it is.
      name: [leaderElectResourceName ?? [], place.name].flat().join("-"),
    });
  }
  const { openSqliteStore } = await import("../route/store/sqlite-store.ts");
  return await openSqliteStore(place.file);
}

/** Without a file of state nothing is made up for what a receiver refuses for good: it waits, and all behind it. */
function warnOfRefusals({ sinks }: RouteConfig, log: Log): void {
  for (const { name, type, delivery } of sinks) {
    if (type === "stdout" || delivery.deadLetters !== undefined || delivery.fallback !== undefined) continue;
    log("warn", "what this sink refuses for good will hold it up: it has neither deadLetters nor a fallback", {
      sink: name,
    });
  }
}

function placeText(place: StatePlace): string {
  if (place.kind === "file") return place.file;
  return place.kind === "none" ? "none" : `postgres://${postgresAddress(place.url)}`;
}

function idle(config: RouteConfig): RouteStatus {
  const sinks = config.sinks.map(({ name }) => ({
    ...{ name, queued: 0, queuedBytes: 0, oldestAt: undefined, problem: undefined },
  }));
  return { sinks, checkpointAt: undefined, isWatching: false, objects: { cached: 0, hits: 0, misses: 0 } };
}

function readinessOf({ isWatching, checkpointAt }: RouteStatus): Readiness[] {
  return [
    { check: "listed", problem: checkpointAt === undefined ? "the first list is not complete" : undefined },
    { check: "watch", problem: isWatching ? undefined : "the API server cannot be reached" },
  ];
}
