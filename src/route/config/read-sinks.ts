import { resolve } from "node:path";
import type { ConfigEntry, ConfigNode, Place } from "../../config/config-node.ts";
import { entriesOf, type MapReader, type Report, readMap } from "../../config/map-reader.ts";
import { isAbsent, isEmpty } from "../../config/read-scalar.ts";
import { resolveSecrets, type SecretSources } from "../../config/resolve-secrets.ts";
import { maskSecrets } from "../../sinks/preview-request.ts";
import type { SinkServices, SinkType } from "../../sinks/sink.ts";
import { compileBody } from "../../sinks/template.ts";
import { KevError } from "../../util/errors.ts";
import { nearest } from "../../util/nearest.ts";
import { locate, valueOfNode } from "./node-value.ts";
import { reportIssues } from "./option-problems.ts";
import { deliveryKeys, readDeliveryPolicy } from "./read-delivery-policy.ts";
import { checkName } from "./read-routes.ts";
import type { SinkConfig } from "./route-config.ts";
import { sinkFields } from "./sink-fields.ts";

export interface ReadSinksOptions {
  readonly sinkTypes: readonly SinkType[];
  readonly services: SinkServices;
  readonly readFile: SecretSources["readFile"];
  readonly report: Report;
}

/** A sink whose place in the file is still known. */
export interface ReadSink {
  readonly name: string;
  readonly place: Place;
  /** Where its fallback is said. */
  readonly fallbackPlace: Place | undefined;
  readonly fallback: string | undefined;
  /** Undefined for one with a problem. */
  readonly config: SinkConfig | undefined;
}

export interface ReadSinks {
  readonly sinks: readonly ReadSink[];
  readonly secrets: readonly string[];
}

/** The map under `sinks`; what is wrong is reported. Each sink is made once, to see whether it can be, and closed again. */
export async function readSinks(node: ConfigNode, options: ReadSinksOptions): Promise<ReadSinks> {
  const secrets: string[] = [];
  const report: Report = (place, message) => options.report(place, maskSecrets(message, secrets));
  const entries = entriesOf(node, "sinks", report);
  if (isEmpty(node)) report(node, "sinks is empty");
  const sinks: ReadSink[] = [];
  for (const entry of entries) {
    const wrong = checkName(entry.key);
    if (wrong !== undefined) report(entry, `the name of a sink, ${wrong}`);
    const { services, readFile } = options;
    const value = await resolveSecrets(entry.value, { ...services, readFile }, secrets, report);
    sinks.push(await readSink({ ...entry, value }, { ...options, report }));
  }
  return { sinks, secrets };
}

async function readSink({ key: name, value, ...place }: ConfigEntry, options: ReadSinksOptions): Promise<ReadSink> {
  let hasProblem = false;
  const report: Report = (where, message) => {
    hasProblem = true;
    options.report(where, message);
  };
  const what = `sink "${name}"`;
  const keys = entriesOf(value, what, report).map(({ key }) => key);
  const members = readMap(value, what, keys, report);
  const type = typeOf(members, { node: value, what, place }, { ...options, report });
  const resolvePath = (file: string): string => resolve(options.services.cwd, file);
  const delivery = readDeliveryPolicy(members, type?.batch, resolvePath, report);
  const config = type && (await configOf({ name, node: value, place, type }, { ...options, report }));
  return {
    ...{ name, place, fallback: delivery.fallback, fallbackPlace: members.node("fallback") },
    config: config && !hasProblem ? { name, type: config.type, options: config.options, delivery } : undefined,
  };
}

function typeOf(
  members: MapReader,
  { node, what, place }: { node: ConfigNode; what: string; place: Place },
  { sinkTypes, report }: ReadSinksOptions,
): SinkType | undefined {
  const name = members.text("type", () => undefined);
  if (name === undefined) {
    if (!members.has("type") && (node.kind === "map" || isEmpty(node))) report(place, `${what} has no type`);
    return undefined;
  }
  const found = sinkTypes.find(({ type }) => type === name);
  if (found) return found;
  const known = sinkTypes.map(({ type }) => type);
  const [near] = nearest(name, known, 1);
  const advice = near === undefined ? `there are ${known.join(", ")}` : `did you mean "${near}"?`;
  report(members.node("type") ?? place, `there is no sink of type "${name}", ${advice}`);
  return undefined;
}

interface TypedSink {
  readonly name: string;
  readonly node: ConfigNode;
  readonly place: Place;
  readonly type: SinkType;
}

async function configOf(
  { name, node, place, type }: TypedSink,
  { services, report }: ReadSinksOptions,
): Promise<Pick<SinkConfig, "type" | "options"> | undefined> {
  const common = new Set<string>(["type", ...deliveryKeys]);
  const own = node.kind === "map" ? node.entries.filter(({ key }) => !common.has(key)) : [];
  const root: ConfigNode = { line: place.line, column: place.column, kind: "map", entries: own };
  const what = `sink "${name}"`;
  const parsed = type.options.safeParse(valueOfNode(root));
  if (!parsed.success) {
    const { issues } = parsed.error;
    reportIssues(issues, { node: root, what, schema: type.options, commonKeys: [...common], report });
    reportTemplates(root, type, report);
    return undefined;
  }
  // What a secret that is missing would have filled may be optional to the schema.
  if (hasAbsent(root)) return undefined;
  try {
    const sink = await type.create(parsed.data, services);
    await sink.close();
  } catch (error) {
    if (!(error instanceof KevError)) throw error;
    reportError(error, root, what, report);
    return undefined;
  }
  return { type: type.type, options: parsed.data };
}

/** What a sink cannot be made for; it begins with the member that it speaks of: `body.text: …`. */
function reportError({ message, hint }: KevError, root: ConfigNode, what: string, report: Report): void {
  const [, path = ""] = /^([\w.[\]-]+): /.exec(message) ?? [];
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  const found = path === "" ? undefined : locate(root, steps.map(asKey)).node;
  report(found ?? root, `${found ? "" : `${what}: `}${message}${hint === undefined ? "" : ` (${hint})`}`);
}

function asKey(step: string): string | number {
  return /^\d+$/.test(step) ? Number(step) : step;
}

/** Templates are parsed where the sink is made; one that has other problems is not. */
function reportTemplates(root: ConfigNode, type: SinkType, report: Report): void {
  for (const { name, template } of sinkFields(type.options)) {
    const node = template ? locate(root, name.split(".")).node : undefined;
    if (!node || hasAbsent(node)) continue;
    try {
      compileBody(valueOfNode(node), name);
    } catch (error) {
      if (!(error instanceof KevError)) throw error;
      reportError(error, root, name, report);
    }
  }
}

function hasAbsent(node: ConfigNode): boolean {
  if (node.kind === "map") return node.entries.some(({ value }) => hasAbsent(value));
  return node.kind === "list" ? node.items.some(hasAbsent) : isAbsent(node);
}
