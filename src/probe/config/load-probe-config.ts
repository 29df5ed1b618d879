import { resolve } from "node:path";
import { atMost } from "../../config/check-text.ts";
import type { ConfigNode } from "../../config/config-node.ts";
import { describeNode } from "../../config/config-node.ts";
import { type MapReader, type Report, readMap, reportTo } from "../../config/map-reader.ts";
import { parseYaml } from "../../config/parse-yaml.ts";
import { problemsError } from "../../config/problems-error.ts";
import { isAbsent } from "../../config/read-scalar.ts";
import { resolveSecrets, type SecretSources } from "../../config/resolve-secrets.ts";
import type { CheckSettings, ProbeEntry, TargetTls } from "../target.ts";
import { defaultSettings, SettingProblem, type WordValues, wordKeys, wordSettings } from "./check-settings.ts";
import { objectProblem } from "./object-problem.ts";
import { parseTargetUrl } from "./parse-target-url.ts";
import { headerProblem } from "./read-headers.ts";

export interface LoadProbeConfigOptions extends SecretSources {
  /** What problems call the file. */
  readonly path: string;
  /** For entries that name no object, and no namespace. */
  readonly on?: string | undefined;
  readonly namespace?: string | undefined;
  /** Whether each entry needs an object, which events are about; else only those without a URL. Default true. */
  readonly needsObject?: boolean | undefined;
}

const settingKeys = [...wordKeys, "headers", "tls", "on", "namespace"];
const tlsKeys = ["caFile", "certFile", "keyFile", "insecureSkipVerify", "serverName"];
/** Bytes: it stands in annotations, labels of metrics and messages. */
const longestName = 200;

/**
 * The targets of a probe's file: `targets`, a list of `url`, `name`, `on`, `namespace` and settings, and `defaults` of the
 * settings. Secrets are `{ fromEnv: NAME }` and `{ fromFile: PATH }`.
 *
 * @throws one usage error that lists every problem in the order of the file, a line each: `PATH:LINE:COLUMN: MESSAGE`
 */
export async function loadProbeConfig(text: string, options: LoadProbeConfigOptions): Promise<ProbeEntry[]> {
  const { root, problems } = parseYaml(text, "a file of targets");
  if (root === undefined && problems.length > 0) throw problemsError(options.path, problems);
  const report = reportTo(problems);
  const given: ConfigNode = root ?? { line: 1, column: 1, kind: "map", entries: [] };
  const whole = await resolveSecrets(given, options, [], report);
  const entries = readFile(whole, options, report);
  if (problems.length > 0) throw problemsError(options.path, problems);
  return entries;
}

function readFile(root: ConfigNode, options: LoadProbeConfigOptions, report: Report): ProbeEntry[] {
  const members = readMap(root, "the file", ["defaults", "targets"], report);
  const empty: ConfigNode = { ...root, kind: "map", entries: [] };
  const defaults = readMap(members.node("defaults") ?? empty, "defaults", settingKeys, report);
  const base = {
    settings: settingsOf(defaults, defaultSettings, options, report),
    ...placeOf(defaults, options, report),
  };
  const list = members.node("targets");
  if (list?.kind === "list") {
    if (list.items.length === 0) report(list, "targets is empty");
    const names = new Map<string, number>();
    return list.items.map((item, index) => readEntry(item, `targets[${index}]`, { base, options, names, report }));
  }
  if (root.kind === "map") report(list ?? root, list ? "targets must be a list" : "the file has no targets");
  return [];
}

interface Reading {
  base: { settings: CheckSettings; on: string | undefined; namespace: string | undefined };
  options: LoadProbeConfigOptions;
  /** Name → line of the first that has it. */
  names: Map<string, number>;
  report: Report;
}

function readEntry(node: ConfigNode, path: string, { base, options, names, report }: Reading): ProbeEntry {
  const members = readMap(node, path, ["url", "name", ...settingKeys], report);
  const word = members.text("url", () => undefined);
  const parsed = word === undefined ? undefined : parseTargetUrl(word);
  const problem = parsed instanceof SettingProblem ? parsed.text : undefined;
  if (problem !== undefined) report(members.node("url") ?? node, `url ${problem}`);
  const url = parsed instanceof SettingProblem ? undefined : parsed;
  const given = members.text("name", atMost(longestName));
  if (given !== undefined && !members.has("url")) {
    report(members.node("name") ?? node, "name is for a target with a url: each site of an Ingress has its own");
  }
  const name = given ?? url?.shown;
  const first = name === undefined ? undefined : names.get(name);
  if (first !== undefined) {
    const advice = given === undefined ? ": give it one of its own" : "";
    report(
      members.node("name") ?? members.node("url") ?? node,
      `the name ${name} is taken by the target on line ${first}${advice}`,
    );
  } else if (name !== undefined) names.set(name, node.line);
  const { on = base.on, namespace = base.namespace } = placeOf(members, {}, report);
  const needsObject = options.needsObject ?? true;
  if (on === undefined && node.kind === "map" && (needsObject || !members.has("url"))) {
    const what = needsObject ? "the object that its events are about" : "the Ingress whose sites are probed";
    report(node, `${path} has no "on": ${what}`);
  }
  return { name: given, url, on, namespace, settings: settingsOf(members, base.settings, options, report) };
}

function placeOf(
  members: MapReader,
  { on, namespace }: Pick<LoadProbeConfigOptions, "on" | "namespace">,
  report: Report,
) {
  const given = members.text("on", () => undefined);
  const problem = given === undefined ? undefined : objectProblem(given);
  const node = members.node("on");
  if (problem !== undefined && node) report(node, `on ${problem}`);
  return { on: given ?? on, namespace: members.text("namespace", checkNamespace) ?? namespace };
}

function checkNamespace(text: string): string | undefined {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text) ? undefined : `"${text}" is no name of a namespace`;
}

function settingsOf(
  members: MapReader,
  base: CheckSettings,
  options: LoadProbeConfigOptions,
  report: Report,
): CheckSettings {
  const words: WordValues = {};
  for (const key of wordKeys) {
    const node = members.node(key);
    if (!isAbsent(node)) Object.assign(words, wordOf(key, node, report));
  }
  const headers = members.texts("headers", headerProblem);
  const tlsNode = members.node("tls");
  const tls = tlsNode ? tlsOf(tlsNode, base.tls, options, report) : base.tls;
  return { ...base, ...words, tls, ...(headers && { headers: { ...base.headers, ...headers } }) };
}

function wordOf(key: (typeof wordKeys)[number], node: ConfigNode, report: Report): Partial<WordValues> {
  const { expects, parse } = wordSettings[key];
  if (node.kind !== "scalar" || (node.value ?? null) === null || typeof node.value === "object") {
    report(node, `${key} must be ${expects}, not ${describeNode(node)}`);
    return {};
  }
  const value = parse(String(node.value));
  if (value instanceof SettingProblem) report(node, `${key} ${value.text}`);
  else if (value === undefined) report(node, `${key} must be ${expects}, not "${node.value}"`);
  else return { [key]: value };
  return {};
}

function tlsOf(node: ConfigNode, base: TargetTls, { cwd }: SecretSources, report: Report): TargetTls {
  const members = readMap(node, "tls", tlsKeys, report);
  const file = (key: string): string | undefined => {
    const text = members.text(key, (value) => (value === "" ? "is empty" : undefined));
    return text === undefined ? undefined : resolve(cwd, text);
  };
  const [caFile = base.caFile, certFile = base.certFile, keyFile = base.keyFile] = [
    "caFile",
    "certFile",
    "keyFile",
  ].map(file);
  if ((certFile === undefined) !== (keyFile === undefined)) report(node, "certFile and keyFile need each other");
  return {
    ...{ caFile, certFile, keyFile },
    insecureSkipVerify: members.flag("insecureSkipVerify") ?? base.insecureSkipVerify,
    serverName: members.text("serverName", () => undefined) ?? base.serverName,
  };
}
