import { setMaxListeners } from "node:events";
import type { GateServeOptions } from "../commands/gate.ts";
import { type AdmissionServer, startAdmissionServer } from "../gate/admission-server.ts";
import { createGate, type Gate, type GateOptions } from "../gate/gate.ts";
import { createGateMetrics, type GateMetrics } from "../gate/gate-metrics.ts";
import type { ReviewOutcome } from "../gate/reviewer.ts";
import { monitoringPage } from "../metrics/monitoring-pages.ts";
import { KevError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import { untilAborted } from "../util/until-aborted.ts";
import type { Context } from "./context.ts";
import { gateRules } from "./gate-rules.ts";
import { createLog, type Log } from "./log.ts";
import { openConnection } from "./open-connection.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";
import { parseNames } from "./parse-names.ts";
import { parseNamespaceLabel } from "./parse-namespace-label.ts";
import { parsePort } from "./parse-port.ts";

/** `kev gate serve`: answers reviews until it is interrupted. */
export async function runGateServe(options: GateServeOptions, context: Context): Promise<number> {
  const port = parsePort(options.port ?? "8443");
  const delay = parseDurationFlag("shutdown-delay", options.shutdownDelay ?? "5s");
  const namespaceLabel = parseNamespaceLabel(options.namespaceLabel);
  const excludedNamespaces = parseNames("exclude-namespace", options.excludeNamespace);
  const { signal, clock, hostName } = context;
  const rules = { ...gateRules(options), namespaceLabel, excludedNamespaces, clock, hostName };
  const log = createLog(context);
  await context.keepMemorySteady();
  // Reviews are answered while the program ends; only then reading stops.
  const ended = new AbortController();
  // Every request under way listens to it; Node 20 warns on stderr from the eleventh on.
  setMaxListeners(0, ended.signal);
  const connection = await openConnection(options, { ...context, signal: ended.signal });
  let server: AdmissionServer | undefined;
  const metrics: GateMetrics = createGateMetrics({
    waiting: () => gate.waiting,
    certificateExpiry: () => server?.expiresAt,
  });
  const gate: Gate = createGate(connection, ended.signal, { ...rules, ...loggedTo(log, metrics) });
  try {
    server = await startAdmissionServer({
      review: gate.review,
      port,
      host: options.address,
      certFile: options.tlsCertFile,
      keyFile: options.tlsPrivateKeyFile,
      pages: (path) => monitoringPage(path, { signal, readiness: gate.readiness, metrics: metrics.page }),
      onReload: (error) => {
        if (error) log("error", "the certificate's files cannot be used", { error: errorMessage(error) });
        else log("info", "the certificate was read again");
      },
    });
    log("info", "listening", { port: String(server.port), server: connection.server });
    const running = gate.run();
    try {
      await Promise.race([running, untilAborted(signal)]);
    } finally {
      server.drain();
      const isAsked = signal.reason instanceof InterruptedError && signal.reason.signal === "SIGTERM";
      // Until every API server has heard that this one is going; a person at a terminal does not wait for that.
      if (isAsked) await clock.sleep(delay);
      await server.close();
      ended.abort();
    }
    await running;
    log("info", "ended");
    return signal.reason instanceof InterruptedError ? signal.reason.exitCode : 0;
  } finally {
    ended.abort();
    connection.close();
  }
}

function loggedTo(log: Log, metrics: GateMetrics): GateOptions {
  return {
    onReview: (outcome) => {
      metrics.reviewed(outcome.result, outcome.reason, outcome.milliseconds / 1_000);
      logReview(log, outcome);
    },
    onApproved: ({ namespace, name, digest }, { reason, event }) =>
      log("info", "a waiting release may roll out", { namespace, name, digest, reason, event: event?.metadata.name }),
    onWaiting: ({ namespace, name, digest, images }, { reason }) =>
      log("info", "a release waits", { namespace, name, digest, images, reason }),
    onFailed: ({ namespace, name }, error, retryIn) => {
      metrics.readFailed("deployment");
      const level = retryIn === undefined ? "error" : "warn";
      log(level, "a Deployment could not be marked", { namespace, name, error: textOf(error), ...inSeconds(retryIn) });
    },
    onReadFailed: (what, { error, retryIn }) => {
      metrics.readFailed(what);
      log("warn", "reading failed", { what, error: textOf(error), ...inSeconds(retryIn) });
    },
  };
}

function logReview(log: Log, { result, reason, release, judgement, error, dryRun }: ReviewOutcome): void {
  if (reason === "NotGated") return;
  const { namespace, name, digest } = release ?? {};
  const fields = {
    namespace,
    name,
    digest,
    reason,
    event: judgement?.event?.metadata.name,
    dryRun: dryRun ? "true" : "",
  };
  if (result === "failed") {
    log("error", "a review could not be judged, so nothing was admitted", { ...fields, error: textOf(error) });
  } else if (judgement && "problem" in judgement) {
    log("error", "no decision counts, so nothing is admitted", { ...fields, problem: judgement.problem });
  } else {
    log("info", result === "admitted" ? "a release was admitted" : "a release was denied", fields);
  }
}

function textOf(error: unknown): string {
  return error instanceof KevError ? error.line : errorMessage(error);
}

function inSeconds(retryIn: number | undefined): { retryIn?: string } {
  return retryIn === undefined ? {} : { retryIn: `${(retryIn / 1_000).toFixed(1)}s` };
}
