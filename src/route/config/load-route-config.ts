import type { ConfigProblem } from "../../config/config.ts";
import type { ConfigNode } from "../../config/config-node.ts";
import { type Report, readMap, reportTo } from "../../config/map-reader.ts";
import { parseYaml } from "../../config/parse-yaml.ts";
import { problemsError } from "../../config/problems-error.ts";
import { isEmpty } from "../../config/read-scalar.ts";
import type { SinkServices, SinkType } from "../../sinks/sink.ts";
import { checkSinks } from "./check-sinks.ts";
import { readRoutes } from "./read-routes.ts";
import { readSinks } from "./read-sinks.ts";
import type { ObjectsConfig, RouteConfig, RouteNode } from "./route-config.ts";

export interface LoadRouteConfigOptions {
  /** What problems call the file. */
  readonly path: string;
  readonly sinkTypes: readonly SinkType[];
  /** What sinks are made with; `cwd` is the folder of the routing file. */
  readonly services: SinkServices;
  /** Reads a secret's file. Default: the file system's. */
  readonly readFile?: ((file: string) => Promise<string>) | undefined;
}

const rootKeys = ["cluster", "objects", "routes", "sinks"];
const defaultObjects: ObjectsConfig = { read: false, always: false, cache: 1_000, maxAge: 300_000 };

/**
 * The config that a routing file's text says: checked, its secrets resolved, its templates parsed, its sinks made once and
 * closed again. Connects to nothing.
 *
 * @throws one usage error that lists every problem in the order of the file, a line each: `PATH:LINE:COLUMN: MESSAGE`
 */
export async function loadRouteConfig(text: string, options: LoadRouteConfigOptions): Promise<RouteConfig> {
  const { root, problems } = parseYaml(text, "a routing file");
  const empty: ConfigNode = { line: 1, column: 1, kind: "map", entries: [] };
  // What cannot be read as YAML is not asked what it says.
  if (root === undefined && problems.length > 0) throw problemsError(options.path, adviseQuotes(problems, text));
  const config = await read(root ?? empty, options, problems);
  if (problems.length > 0) throw problemsError(options.path, problems);
  return config;
}

/** In `[a, /x{2}/]` YAML takes the braces of a regular expression for its own. */
function adviseQuotes(problems: readonly ConfigProblem[], text: string): ConfigProblem[] {
  const lines = text.split("\n");
  return problems.map((problem) => {
    const isRegex = /[[{,:] *\/[^/'"]*[[\]{},]/.test(lines[problem.line - 1] ?? "");
    const message = isRegex ? `${problem.message}; put regular expressions in quotes` : problem.message;
    return { ...problem, message };
  });
}

async function read(
  root: ConfigNode,
  { sinkTypes, services, readFile }: LoadRouteConfigOptions,
  problems: ConfigProblem[],
): Promise<RouteConfig> {
  const report = reportTo(problems);
  const members = readMap(root, "the routing file", rootKeys, report);
  const cluster = members.text("cluster", (name) => (name === "" ? "is empty" : undefined));
  const objects = objectsOf(members.node("objects"), report);
  const none = { nodes: [], mentions: [] };
  const [routesNode, sinksNode] = [members.node("routes"), members.node("sinks")];
  const routes = routesNode ? readRoutes(routesNode, report) : none;
  const { sinks, secrets } = sinksNode
    ? await readSinks(sinksNode, { sinkTypes, services, readFile, report })
    : { sinks: [], secrets: [] };
  // A file of nothing but null, too.
  if (root.kind === "map" || isEmpty(root)) {
    if (!routesNode) report(root, "the routing file has no routes");
    if (!sinksNode) report(root, "the routing file has no sinks");
  }
  checkSinks(sinks, routes.mentions, report);
  return {
    cluster,
    objects: { ...objects, read: objects.read || routes.nodes.some(asksForObjects) },
    routes: routes.nodes,
    sinks: sinks.flatMap(({ config }) => config ?? []),
    secrets,
  };
}

function objectsOf(node: ConfigNode | undefined, report: Report): ObjectsConfig {
  if (node === undefined) return defaultObjects;
  const members = readMap(node, "objects", ["read", "cache", "maxAge"], report);
  const always = members.flag("read") ?? false;
  return {
    ...{ read: always, always },
    cache: members.whole("cache", 1) ?? defaultObjects.cache,
    maxAge: members.duration("maxAge", 1) ?? defaultObjects.maxAge,
  };
}

function asksForObjects({ match, drop, routes }: RouteNode): boolean {
  const asks = [...match, ...drop].some(({ conditions }) => conditions.some(({ needsObject }) => needsObject));
  return asks || routes.some(asksForObjects);
}
