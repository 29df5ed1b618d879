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
import type { Config, ConfigDefaults, ConfigProblem, PresetConfig } from "./config.ts";
import type { ConfigEntry, ConfigNode } from "./config-node.ts";
import { entriesOf, type Report, readMap, reportTo } from "./map-reader.ts";

export interface ValidateOptions {
  /** The file's name, for each preset's `source`. */
  path: string;
  /** Presets that no config may change: the approval gate reads their reasons. */
  fixedPresets: readonly string[];
}

const rootKeys = ["presets", "defaults"];
const presetKeys = ["reason", "type", "message", "component", "kind", "action", "annotations", "labels", "description"];
const defaultKeys = ["component", "instance", "labels", "annotations", "retryTimeout"];

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
  const config: Config = {
    path: options.path,
    presets: presets ? entriesOf(presets, "presets", report).flatMap((entry) => preset(entry, options, report)) : [],
    defaults: defaults ? defaultsOf(defaults, report) : {},
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

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The object without its undefined members. */
function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
