import type { ProbeCommandOptions } from "../commands/probe.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import { type MetricsServer, startMetricsServer } from "../metrics/metrics-server.ts";
import { monitoringPage, type Readiness } from "../metrics/monitoring-pages.ts";
import { listenText, parseListen } from "../metrics/parse-listen.ts";
import { combineProbeObservers } from "../probe/combine-probe-observers.ts";
import { createProbeMetrics } from "../probe/metrics/probe-metrics.ts";
import { createProbe, type Probe } from "../probe/probe.ts";
import { probeComponent, probeReasons } from "../probe/probe-events.ts";
import type { ProbeStatus } from "../probe/probe-observer.ts";
import { checkTargetNames, targetOf } from "../probe/probed-targets.ts";
import { resolveContent } from "../record/resolve-content.ts";
import { errorMessage } from "../util/file-error.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import type { Context } from "./context.ts";
import { loadPresets } from "./load-presets.ts";
import { createLog } from "./log.ts";
import { logRetry } from "./log-retry.ts";
import { openConnection } from "./open-connection.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";
import { parseWholeNumber } from "./parse-whole-number.ts";
import { parseWriteEvery } from "./parse-write-every.ts";
import { probeInput } from "./probe-input.ts";
import { createProbeLog } from "./probe-log.ts";
import { withTryLimit } from "./with-try-limit.ts";

/** `kev probe`: pings until it is interrupted. With `--once` one time. */
export async function runProbe(options: ProbeCommandOptions, context: Context): Promise<number> {
  // All that is wrong is said before anything is asked.
  const entries = await probeInput(options, context);
  checkTargetNames(entries.flatMap((entry) => targetOf(entry) ?? []));
  const concurrency =
    options.concurrency === undefined ? undefined : parseWholeNumber("concurrency", options.concurrency);
  const writeEvery = options.writeEvery === undefined ? 30_000 : parseWriteEvery(options.writeEvery);
  if (options.once) {
    const { runProbeOnce } = await import("./run-probe-once.ts");
    return await runProbeOnce(options, entries, concurrency, context);
  }
  const listen = parseListen(options.listen ?? ":9103");
  const given =
    options.retryTimeout === undefined ? undefined : parseDurationFlag("retry-timeout", options.retryTimeout);
  const { defaults } = await loadPresets(options.config, context);
  // As the events will be: a component of the config file that no event may have is said now.
  const component = defaults.component ?? probeComponent;
  resolveContent({ what: probeReasons.down, component, defaults }, [], context.hostName);
  await context.keepMemorySteady();
  const { clock, env, hostName, signal } = context;
  const log = createLog(context);
  // What waits at the end is still written over it.
  const closing = new AbortController();
  const connection = await openConnection(withTryLimit(options, {}), { ...context, signal: closing.signal });
  let probe: Probe | undefined;
  const status = (): ProbeStatus => probe?.status ?? { targets: [], isReady: false, problem: undefined };
  const metrics = createProbeMetrics(status);
  const pages = (path: string) =>
    monitoringPage(path, { signal, readiness: async () => readinessOf(status()), metrics: metrics.page });
  let server: MetricsServer | undefined;
  try {
    if (listen) {
      const onError = (error: unknown): void =>
        log("error", "a page could not be made", { error: errorMessage(error) });
      server = await startMetricsServer({ ...listen, pages, onError });
    }
    log("info", "probing", { server: connection.server, metrics: server && listenText(server.address) });
    probe = createProbe(connection, {
      ...{ entries, signal, concurrency, writeEvery, defaults, hostName, env, clock },
      retryTimeout: given ?? defaults.retryTimeout,
      cacheDir: cacheFolder(options.cacheDir, env, context.homeDir),
      observer: combineProbeObservers([metrics, createProbeLog(log)]),
      onRetry: logRetry(log),
    });
    await probe.run();
    log("info", "ended");
    return signal.reason instanceof InterruptedError ? signal.reason.exitCode : 0;
  } finally {
    closing.abort();
    await server?.close();
    connection.close();
  }
}

function readinessOf({ isReady, problem }: ProbeStatus): Readiness[] {
  return [
    { check: "checked", problem: isReady ? undefined : "not each target has been checked yet" },
    { check: "events", problem },
  ];
}
