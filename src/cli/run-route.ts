import { setMaxListeners } from "node:events";
import type { RouteCommandOptions } from "../commands/route.ts";
import type { KubeObject } from "../events/event.ts";
import { ApiError } from "../kube/api-error.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { withRetry } from "../kube/with-retry.ts";
import { type MetricsServer, startMetricsServer } from "../metrics/metrics-server.ts";
import { monitoringPage, type Readiness } from "../metrics/monitoring-pages.ts";
import { listenText, parseListen } from "../metrics/parse-listen.ts";
import { combineObservers } from "../route/combine-observers.ts";
import { parseCompat } from "../route/compat-metrics.ts";
import { createSinks } from "../route/create-sinks.ts";
import { defaultRouteConfig } from "../route/default-route-config.ts";
import { createMemoryStore } from "../route/memory-store.ts";
import type { RouteConfig } from "../route/route-config.ts";
import { createEventRouting, type EventRouting } from "../route/route-events.ts";
import { createRouteMetrics } from "../route/route-metrics.ts";
import type { RouteStatus } from "../route/route-observer.ts";
import type { RouteStore } from "../route/route-store.ts";
import type { SinkServices } from "../sinks/sink.ts";
import { usageError } from "../util/errors.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import type { Context } from "./context.ts";
import { createLog } from "./log.ts";
import { openConnection } from "./open-connection.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";
import { createRouteLog } from "./route-log.ts";
import { type StatePlace, statePlace } from "./state-place.ts";

/** Milliseconds in which a server that cannot be reached is asked which cluster it is of. */
const patience = 30_000;

/** `kev route`: sends events on until it is interrupted, or nobody reads its stdout any more. */
export async function runRoute(options: RouteCommandOptions, context: Context): Promise<number> {
  const listen = parseListen(options.listen ?? ":9102");
  const eventTtl = parseDurationFlag("event-ttl", options.eventTtl ?? "1h");
  if (options.allNamespaces && options.namespace !== undefined) {
    throw usageError("--all-namespaces and --namespace cannot be used together");
  }
  const { namespace, forgetSink, fromNow } = options;
  const config = defaultRouteConfig();
  const log = createLog(context);
  await context.keepMemorySteady();
  const ending = new AbortController();
  // Every request under way listens to it; Node 20 warns on stderr from the eleventh on.
  setMaxListeners(0, ending.signal);
  const end = (): void => ending.abort(context.signal.reason);
  if (context.signal.aborted) end();
  context.signal.addEventListener("abort", end, { once: true });
  if (config.sinks.some(({ type }) => type === "stdout")) {
    context.stdout.closed.addEventListener("abort", end, { once: true });
  }
  const status = (): RouteStatus => routing?.status ?? idle(config);
  const metrics = createRouteMetrics({
    status,
    clock: context.clock,
    objectLabels: options.objectMetrics,
    compat: options.compat === undefined ? [] : parseCompat(options.compat),
  });
  const connection = await openConnection(options, { ...context, signal: ending.signal });
  let server: MetricsServer | undefined;
  let routing: EventRouting | undefined;
  try {
    server =
      listen &&
      (await startMetricsServer({
        ...listen,
        pages: (path) =>
          monitoringPage(path, {
            signal: ending.signal,
            readiness: async () => readinessOf(status()),
            metrics: metrics.page,
          }),
      }));
    const clusterUid = await readClusterUid(connection, context, ending.signal);
    const place = statePlace(options.state, { server: connection.server, clusterUid, namespace }, context);
    const store = await openStore(place, context);
    routing = createEventRouting(connection, {
      ...{ config, store, namespace, clusterUid, fromNow, eventTtl, forgetSinks: forgetSink },
      router: { needsObject: () => false, route: () => [{ sink: "stdout", repeats: "all", route: "all" }] },
      sinks: await createSinks(config.sinks, servicesOf(context)),
      observer: combineObservers([metrics, createRouteLog(log)]),
      clock: context.clock,
      signal: ending.signal,
    });
    log("info", "routing", {
      server: connection.server,
      namespace: namespace ?? "all",
      state: placeText(place),
      metrics: server && listenText(server.address),
    });
    await routing.run();
    log("info", "ended");
    return context.signal.reason instanceof InterruptedError ? context.signal.reason.exitCode : 0;
  } finally {
    ending.abort();
    await server?.close();
    connection.close();
  }
}

async function openStore(place: StatePlace, { env, clock, signal }: Context): Promise<RouteStore> {
  if (place.kind === "none") return createMemoryStore();
  if (place.kind === "postgres") {
    const { openPostgresStore } = await import("../route/postgres-store.ts");
    return await openPostgresStore({ url: place.url, name: "kev-route", env, clock, signal });
  }
  const { openSqliteStore } = await import("../route/sqlite-store.ts");
  return await openSqliteStore(place.file);
}

function placeText(place: StatePlace): string {
  if (place.kind === "file") return place.file;
  return place.kind === "none" ? "none" : new URL(place.url).host;
}

/** uid of kube-system, by which clusters are told apart; undefined where it may not be read. */
async function readClusterUid(
  connection: StreamingConnection,
  { clock }: Context,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const patient = withRetry(connection, { timeout: patience, clock, signal });
    const { metadata } = await patient.request<KubeObject>({ path: "/api/v1/namespaces/kube-system", signal });
    return metadata.uid;
  } catch (error) {
    if (error instanceof ApiError && (error.httpStatus === 403 || error.httpStatus === 404)) return undefined;
    throw error;
  }
}

function servicesOf({ env, clock, cwd, hostName, stdout }: Context): SinkServices {
  return { env, clock, cwd, hostName, stdout: { write: (text) => stdout.send(text) } };
}

function idle(config: RouteConfig): RouteStatus {
  const sinks = config.sinks.map(({ name }) => ({
    name,
    queued: 0,
    queuedBytes: 0,
    oldestAt: undefined,
    problem: undefined,
  }));
  return { sinks, checkpointAt: undefined, isWatching: false, objects: { cached: 0, hits: 0, misses: 0 } };
}

function readinessOf({ isWatching, checkpointAt }: RouteStatus): Readiness[] {
  return [
    { check: "listed", problem: checkpointAt === undefined ? "the first list is not complete" : undefined },
    { check: "watch", problem: isWatching ? undefined : "the API server cannot be reached" },
  ];
}
