import { isRecord } from "../util/is-record.ts";

/**
 * What may tell the items of a list apart, the best first. Source: the merge keys of Kubernetes' own types
 * (`x-kubernetes-list-map-keys` of its OpenAPI), and `host` and `path` of an Ingress.
 */
const candidates: readonly (readonly string[])[] = [
  ["mountPath"],
  ["devicePath"],
  ["containerPort", "protocol"],
  ["port", "protocol"],
  ["name"],
  ["type"],
  ["topologyKey"],
  ["host"],
  ["path"],
  ["ip"],
  ["key"],
  ["uid"],
];

const keyFields = new Set(candidates.flat());

/** True for members that may tell the items of a list apart. */
export function isListKey(name: string): boolean {
  return keyFields.has(name);
}

/** Gives each item of a list a name. */
export type ItemNamer = (item: Record<string, unknown>) => string;

/** What tells the items of each of these lists apart; undefined where nothing does. */
export function itemNamer(lists: readonly (readonly unknown[])[]): ItemNamer | undefined {
  const fields = candidates.find((names) => lists.every((list) => isToldApart(list, names)));
  return fields && ((item) => nameOf(item, fields) ?? "");
}

function isToldApart(list: readonly unknown[], fields: readonly string[]): boolean {
  const names = list.map((item) => (isRecord(item) ? nameOf(item, fields) : undefined));
  return !names.includes(undefined) && new Set(names).size === names.length;
}

function nameOf(item: Record<string, unknown>, [first = "", ...others]: readonly string[]): string | undefined {
  const parts = [item[first], ...others.map((name) => item[name] ?? "")];
  if (!parts.every((part) => typeof part === "string" || typeof part === "number")) return undefined;
  return parts.filter((part) => part !== "").join("/");
}
