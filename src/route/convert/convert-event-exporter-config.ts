import { stringify } from "yaml";
import { parseDocuments } from "../../kube/parse-documents.ts";
import { usageError } from "../../util/errors.ts";
import { isRecord, recordOf } from "../../util/is-record.ts";
import { type ConvertedSink, convertReceivers } from "./convert-receivers.ts";
import { type ConvertedRoute, convertRoute, listOf } from "./convert-routes.ts";
import type { Difference, Remark } from "./differences.ts";
import { at, fillIn } from "./variables.ts";

export interface ConvertEventExporterOptions {
  /** What errors call the file. */
  readonly path: string;
  /** For variables outside of receivers, which are filled in. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ConvertedConfig {
  /** A routing file, YAML. */
  readonly text: string;
  /** Everything that it does not say, or that becomes otherwise. */
  readonly differences: readonly Difference[];
}

/** Members of the whole file that have no counterpart in it, and what there is instead. */
const elsewhere: Readonly<Record<string, string>> = {
  logLevel: "kev logs to stderr what is wrong, and says the rest by its metrics",
  logFormat: "kev logs to stderr, in one form",
  kubeQPS: "kev has one watch, and reads an object once in objects.maxAge",
  kubeBurst: "kev has one watch, and reads an object once in objects.maxAge",
  metricsNamePrefix: "the metrics are kev's own",
};

/**
 * A config of kubernetes-event-exporter as a routing file. It may stand in a ConfigMap.
 *
 * Source of what such a config means: https://github.com/resmoio/kubernetes-event-exporter
 *
 * @throws usage error: it is none, or sends nothing anywhere
 */
export function convertEventExporterConfig(text: string, { path, env }: ConvertEventExporterOptions): ConvertedConfig {
  const source = rootOf(text, path);
  const differences: Difference[] = [];
  const remark: Remark = (where, what) => void differences.push({ where, text: what });
  const { route, receivers, cluster, objects } = convertMembers(source, env, remark);
  const sinks = convertReceivers(listOf(receivers), remark);
  const routes = convertRoute(route, "route", { env, remark, sinkOf: (receiver) => sinks.get(receiver)?.name });
  if (routes.length === 0) throw usageError(`${path} sends nothing anywhere`, { hint: firstOf(differences) });
  const used = usedSinks(routes, [...sinks.values()], remark);
  if (usesMinCount(routes)) {
    remark(
      "minCount",
      "holds once an event has been counted so far; kubernetes-event-exporter looks once, when the event is new",
    );
  }
  if (used.some(({ needsObject }) => needsObject)) objects.read = true;
  const config = {
    ...(cluster !== undefined && { cluster }),
    ...(Object.keys(objects).length > 0 && { objects }),
    routes,
    sinks: Object.fromEntries(used.map(({ name, sink }) => [name, sink])),
  };
  remark(
    "",
    "repeats: first sends an event once, as kubernetes-event-exporter does; repeats: all sends it each time it is counted up",
  );
  remark(
    "",
    "what a receiver does not take is sent again until it does, in order; kubernetes-event-exporter sends it once",
  );
  const head = "# Made by kev route convert from a config of kubernetes-event-exporter.\n";
  return { text: head + stringify(config, { lineWidth: 0, aliasDuplicateObjects: false }), differences };
}

function rootOf(text: string, path: string): Record<string, unknown> {
  const [document, more] = parseDocuments(text, path);
  if (more) throw usageError(`${path} has more than one document`);
  const { kind, data } = recordOf(document?.value);
  if (kind === "ConfigMap") {
    const [only, ...others] = Object.entries(recordOf(data)).filter(([, value]) => typeof value === "string");
    if (only === undefined || others.length > 0) throw usageError(`${path}: a ConfigMap with one file was expected`);
    return rootOf(String(only[1]), `${path}: ${only[0]}`);
  }
  if (!isRecord(document?.value) || !isRecord(document.value.route)) {
    throw usageError(`${path} is no config of kubernetes-event-exporter: it has no route`);
  }
  return document.value;
}

function convertMembers(source: Record<string, unknown>, env: ConvertEventExporterOptions["env"], remark: Remark) {
  const objects: Record<string, unknown> = {};
  let cluster: string | undefined;
  for (const [key, value] of Object.entries(source)) {
    if (key === "route" || key === "receivers" || value === null || value === "") continue;
    if (Object.hasOwn(elsewhere, key)) remark(key, `is left out: ${elsewhere[key]}`);
    else if (key === "clusterName") cluster = fillIn(String(value), env, at(remark, key)) || undefined;
    else if (key === "cacheSize" && Number(value) > 0) objects.cache = Number(value);
    else if (key === "namespace") remark(key, `is a flag: kev route -n ${String(value)}`);
    else if (key === "omitLookup") remarkOnLookup(value, remark);
    else if (key === "leaderElection") remarkOnElection(recordOf(value), remark);
    else if (key !== "maxEventAgeSeconds" && key !== "throttlePeriod") {
      remark(key, "is left out: kubernetes-event-exporter does not know it");
    }
  }
  const age = Number(source.maxEventAgeSeconds || source.throttlePeriod || 5);
  remark(
    "maxEventAgeSeconds",
    `is left out: events older than ${age}s are sent, too; what was sent before is known, and --from-now leaves out what is there at the very first start`,
  );
  return { route: source.route, receivers: source.receivers, cluster, objects };
}

function remarkOnLookup(value: unknown, remark: Remark): void {
  if (value === true)
    remark("omitLookup", "is left out: objects are read where a route or a template asks for them, only");
}

function remarkOnElection({ enabled, leaderElectionID }: Record<string, unknown>, remark: Remark): void {
  if (enabled !== true) return;
  const name = leaderElectionID ? ` --leader-elect-resource-name ${String(leaderElectionID)}` : "";
  remark("leaderElection", `is a flag: kev route --leader-elect${name}`);
}

function usedSinks(
  routes: readonly ConvertedRoute[],
  sinks: readonly ConvertedSink[],
  remark: Remark,
): ConvertedSink[] {
  const uses = new Map<string, number>();
  const count = (route: ConvertedRoute): void => {
    for (const name of route.sinks ?? []) uses.set(name, (uses.get(name) ?? 0) + 1);
    for (const inner of route.routes ?? []) count(inner);
  };
  for (const route of routes) count(route);
  for (const { name } of sinks) {
    const times = uses.get(name) ?? 0;
    if (times === 0) remark(`receiver "${name}"`, "is left out: no route leads to it");
    else if (times > 1) remark(`receiver "${name}"`, "gets an event once, by however many routes it comes");
  }
  return sinks.filter(({ name }) => uses.has(name));
}

function usesMinCount(routes: readonly ConvertedRoute[]): boolean {
  return routes.some(({ match = {}, drop = [], routes: inner = [] }) => {
    return [match, ...drop].some((rule) => Object.hasOwn(rule, "minCount")) || usesMinCount(inner);
  });
}

function firstOf(differences: readonly Difference[]): string | undefined {
  const [first] = differences.filter(({ where }) => where.startsWith("route"));
  return first && `${first.where} ${first.text}`;
}
