import type { ConfigNode } from "../../config/config-node.ts";
import { entriesOf, type Report, unknownKey } from "../../config/map-reader.ts";
import type { OwnerReference } from "../../events/event.ts";
import { type Negatable, readNegation, readTextPattern } from "./text-pattern.ts";

/** What a condition wants of an object's owners; undefined: it has none, or they are not known. */
export type OwnerPattern = Negatable<readonly OwnerReference[] | undefined>;

const members = ["kind", "name", "apiVersion"] as const;

/** `{ kind, name, apiVersion }`, which one owner must satisfy all of; `{ not: … }` of it; or `{ exists: … }`. */
export function readOwnerPattern(node: ConfigNode, what: string, report: Report): OwnerPattern | undefined {
  if (node.kind === "map" && node.entries.some(({ key }) => key === "not" || key === "exists")) {
    return readNegation(node, what, report, readOwnerPattern);
  }
  const entries = entriesOf(node, what, report);
  if (node.kind === "map" && entries.length === 0) report(node, `${what} is empty`);
  const wanted = entries.flatMap(({ key, value, ...place }) => {
    const member = members.find((name) => name === key);
    if (member === undefined) report(place, unknownKey(key, what, [...members, "not", "exists"]));
    const pattern = member && readTextPattern(value, `${what}.${member}`, report);
    return member && pattern ? [{ member, pattern }] : [];
  });
  if (wanted.length === 0) return undefined;
  return {
    wanted: wanted.map(({ member, pattern }) => `${member} ${pattern.wanted}`).join(" and "),
    matches: (owners) => {
      return owners?.some((owner) => wanted.every(({ member, pattern }) => pattern.matches(owner[member]))) ?? false;
    },
  };
}
