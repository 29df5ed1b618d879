import type { RouteManifestsCommandOptions } from "../commands/route-manifests.ts";
import { type RouteManifestsOptions, routeManifests } from "../route/install/route-manifests.ts";
import type { ObjectResources } from "../route/install/route-rbac.ts";
import { type RoutingFileNeeds, routingFileNeeds } from "../route/install/routing-file-needs.ts";
import { alertRulesYaml } from "../route/metrics/alert-rules.ts";
import { parseCompat } from "../route/metrics/compat-metrics.ts";
import { routeDashboard } from "../route/metrics/route-dashboard.ts";
import { usageError } from "../util/errors.ts";
import { parseUrl } from "../util/parse-url.ts";
import type { Context } from "./context.ts";
import { parseEventTtl } from "./parse-event-ttl.ts";
import { parseFixedPort } from "./parse-fixed-port.ts";
import { parseNames } from "./parse-names.ts";
import { parseServiceName } from "./parse-service-name.ts";
import { parseWholeNumber } from "./parse-whole-number.ts";
import { podOptions } from "./pod-options.ts";
import { printManifests } from "./print-manifests.ts";
import { argumentName, readArgument } from "./read-argument.ts";
import { createRemarks, type Remarks } from "./remarks.ts";

/** `kev route manifests`: what kubectl takes, or one file for Grafana or Prometheus. */
export async function runRouteManifests(options: RouteManifestsCommandOptions, context: Context): Promise<number> {
  const { alerts, dashboard, image, uninstall } = options;
  const asked = Object.entries({ image, uninstall, dashboard, alerts }).flatMap(([flag, value]) =>
    value ? [flag] : [],
  );
  const alone = asked.find((flag) => flag === "dashboard" || flag === "alerts");
  if (alone !== undefined && asked.length > 1) throw usageError(`--${alone} prints one file and nothing else`);
  if (dashboard || alerts) {
    context.stdout.write(alerts ? alertRulesYaml() : `${JSON.stringify(routeDashboard(), null, 2)}\n`);
    return 0;
  }
  if (asked.length === 0) {
    throw usageError('required flag(s) "image" not set', { hint: "make one with docs/Dockerfile" });
  }
  const remarks = await createRemarks(context, options.color);
  const install = await installOf(options, context, remarks);
  // Whatever flags it was installed with; kinds that the cluster may not know are for their flags.
  const removed: Partial<RouteManifestsOptions> = { routes: install.routes ?? "", replicas: 2, dashboard: true };
  const objects = routeManifests(uninstall ? { ...install, ...removed } : install);
  printManifests(objects, uninstall ?? false, context);
  return 0;
}

/**
 * Pods of a StatefulSet have its name and a hash in a label, which takes 63 characters: with a longer one there are none.
 * https://github.com/kubernetes/kubernetes/issues/64023
 */
const longestName = 52;

/** Flags of `kev route` itself, which `kev route manifests` would take without a word: its Pods get others, or none. */
const unknown = {
  forgetSink: "forget-sink",
  leaderElect: "leader-elect",
  leaderElectResourceName: "leader-elect-resource-name",
  leaderElectResourceNamespace: "leader-elect-resource-namespace",
  leaderElectLeaseDuration: "leader-elect-lease-duration",
  leaderElectRenewDeadline: "leader-elect-renew-deadline",
  leaderElectRetryPeriod: "leader-elect-retry-period",
  listen: "listen",
} as const;

async function installOf(
  options: RouteManifestsCommandOptions & { [flag in keyof typeof unknown]?: unknown },
  context: Context,
  remarks: Remarks,
): Promise<RouteManifestsOptions> {
  for (const [key, flag] of Object.entries(unknown)) {
    if (options[key as keyof typeof unknown] === undefined) continue;
    throw usageError(`--${flag} is a flag of kev route`, {
      hint: "the Pods' address is --port's, and several --replicas elect a leader by themselves",
    });
  }
  const { filename, name = "kev-route", namespace, replicas, port, eventTtl, compat } = options;
  parseServiceName("name", name, longestName);
  if (namespace !== undefined) parseServiceName("namespace", namespace);
  const routes = filename === undefined ? undefined : await readArgument(filename, context);
  const needs = routes === undefined ? undefined : routingFileNeeds(routes, argumentName(filename ?? ""));
  const install: RouteManifestsOptions = {
    ...podOptions(options),
    ...{ name, namespace, routes },
    createNamespace: options.createNamespace,
    envFromSecrets: parseNames("env-from-secret", options.envFromSecret),
    eventsNamespace: parseNames("events-namespace", options.eventsNamespace),
    objects: objectsOf(options.objectResources, needs),
    replicas: replicas === undefined ? undefined : parseWholeNumber("replicas", replicas),
    ...stateOf(options),
    fromNow: options.fromNow,
    eventTtl,
    port: port === undefined ? undefined : parseFixedPort(port),
    compat: compat === undefined ? undefined : parseCompat(compat),
    objectMetrics: options.objectMetrics,
    serviceMonitor: options.serviceMonitor,
    prometheusRule: options.prometheusRule,
    dashboard: options.dashboardConfigMap,
  };
  if (eventTtl !== undefined) parseEventTtl(eventTtl);
  if (!options.uninstall) remark(install, needs, remarks);
  return install;
}

function stateOf({ state, storage, storageClass }: RouteManifestsCommandOptions) {
  if (state !== undefined && (storage ?? storageClass) !== undefined) {
    throw usageError("--storage and --storage-class are of the volume, which there is none of with --state");
  }
  if (state !== undefined && state !== "none") {
    const url = parseUrl(state);
    if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
      throw usageError('invalid argument for "--state" flag: it is postgres://… or none', {
        hint: "without it the state is a file on a volume",
      });
    }
    // The client takes it from both.
    if (url.password || url.searchParams.has("password")) {
      throw usageError("the password of --state would stand in the manifests", {
        hint: "leave it out, and put it as PGPASSWORD into a Secret for --env-from-secret",
      });
    }
  }
  return { state, storage, storageClass };
}

function objectsOf(given: readonly string[] | undefined, needs: RoutingFileNeeds | undefined) {
  const types = given?.flatMap((text) => text.split(","));
  if (types === undefined) return needs?.objects ? "usual" : undefined;
  if (!needs?.objects) {
    throw usageError("--object-resources is for routing files that ask for labels, annotations or owners of objects");
  }
  const isAll = types.length === 1 && types[0] === "all";
  const resources: ObjectResources = isAll ? "all" : parseNames("object-resources", types);
  return resources;
}

/** What the Pods will lack, as far as it can be told from here. */
function remark(
  { envFromSecrets = [], replicas = 1, state }: RouteManifestsOptions,
  needs: RoutingFileNeeds | undefined,
  { warn, note }: Remarks,
): void {
  if (needs && needs.env.length > 0) {
    const variables = needs.env.join(", ");
    if (envFromSecrets.length === 0) warn(`the routing file needs ${variables}: name the Secret by --env-from-secret`);
    else note(`the Secret ${envFromSecrets.join(" or ")} must have ${variables}`);
  }
  if (needs && needs.files.length > 0) {
    warn(`the routing file reads ${needs.files.join(", ")}, which the Pods do not have: mount it`);
  }
  if (replicas > 1 && state === undefined) {
    note(
      "each replica has a state of its own: one that takes over sends again what the server still has, with the same " +
        "ids; with --state postgres://… they share it",
    );
  }
}
