import type { EventType } from "../events/event.ts";
import { limits } from "../events/limits.ts";
import {
  atMost,
  checkAnnotationEntry,
  checkComponent,
  checkEventType,
  checkLabelEntry,
  checkReason,
  checkTypeName,
} from "./check-text.ts";
import type { Config, ConfigDefaults, ConfigProblem, PresetConfig, RunConfig } from "./config.ts";
import type { ConfigEntry, ConfigNode } from "./config-node.ts";
import { entriesOf, type Report, readMap, reportTo } from "./map-reader.ts";
import { isAbsent, readText } from "./read-scalar.ts";

export interface ValidateOptions {
  /** The file's name, for each preset's `source`. */
  path: string;
  /** Presets that no config may change: the approval gate reads their reasons. */
  fixedPresets: readonly string[];
}

const rootKeys = ["presets", "defaults", "run"];
const presetKeys = ["reason", "type", "message", "component", "kind", "action", "annotations", "labels", "description"];
const defaultKeys = ["component", "instance", "labels", "annotations", "retryTimeout"];
const runKeys = ["mask", "tailLines"];

/** The config that a file's tree says, and everything that is wrong with it; what is wrong is left out of the config. */
export function validateConfig(
  root: ConfigNode,
  options: ValidateOptions,
): { config: Config; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const report = reportTo(problems);
  readMap(root, "the config file", rootKeys, report);
  const entries = root.kind === "map" ? root.entries : [];
  const part = (key: string): ConfigNode | undefined => entries.find((entry) => entry.key === key)?.value;
  const presets = part("presets");
  const defaults = part("defaults");
  const run = part("run");
  const config: Config = {
    path: options.path,
    presets: presets ? entriesOf(presets, "presets", report).flatMap((entry) => preset(entry, options, report)) : [],
    defaults: defaults ? defaultsOf(defaults, report) : {},
    ...(run && { run: runOf(run, options, report) }),
  };
  return { config, problems };
}

function preset(entry: ConfigEntry, { path, fixedPresets }: ValidateOptions, report: Report): PresetConfig[] {
  const name = entry.key;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    report(entry, `preset name "${name}" must be lower-case letters, digits and "-", beginning with a letter`);
  } else if (fixedPresets.includes(name)) {
    report(entry, `preset "${name}" cannot be changed, the approval gate reads its reason; choose another name`);
  }
  const members = readMap(entry.value, `preset "${name}"`, presetKeys, report);
  if (!members.has("reason")) report(entry, `preset "${name}" has no reason`);
  const reason = members.text("reason", checkReason);
  const rest = {
    type: members.text("type", checkEventType) as EventType | undefined,
    message: members.text("message", atMost(limits.message)),
    component: members.text("component", checkComponent),
    kind: members.text("kind", checkTypeName),
    action: members.text("action", atMost(limits.action)),
    annotations: members.texts("annotations", checkAnnotationEntry),
    labels: members.texts("labels", checkLabelEntry),
    description: members.text("description", () => undefined),
  };
  if (reason === undefined) return [];
  return [{ name, reason, ...defined(rest), source: `${path}:${entry.line}` }];
}

function defaultsOf(node: ConfigNode, report: Report): ConfigDefaults {
  const members = readMap(node, "defaults", defaultKeys, report);
  return defined({
    component: members.text("component", checkComponent),
    instance: members.text("instance", atMost(limits.reportingInstance)),
    labels: members.texts("labels", checkLabelEntry),
    annotations: members.texts("annotations", checkAnnotationEntry),
    retryTimeout: members.duration("retryTimeout"),
  });
}

function runOf(node: ConfigNode, { path }: ValidateOptions, report: Report): RunConfig {
  const members = readMap(node, "run", runKeys, report);
  const mask = members.node("mask");
  const items = mask === undefined || isAbsent(mask) ? undefined : mask.kind === "list" ? mask.items : [mask];
  return defined({
    // What is wrong with the expression itself is said where it is read: most commands have no need for it.
    mask: items?.flatMap((item) => {
      const pattern = readText(item, "mask", notEmpty, report);
      return pattern === undefined ? [] : [{ pattern, source: `${path}:${item.line}:${item.column}` }];
    }),
    tailLines: members.whole("tailLines", 0),
  });
}

const notEmpty = (text: string): string | undefined => (text === "" ? "is empty" : undefined);

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The object without its undefined members. */
function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
