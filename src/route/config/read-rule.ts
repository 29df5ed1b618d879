import type { ConfigEntry, ConfigNode } from "../../config/config-node.ts";
import { entriesOf, type Report, unknownKey } from "../../config/map-reader.ts";
import { readWhole } from "../../config/read-scalar.ts";
import { eventFields, mapFields, memberOf, shown, shownOf } from "../rules/event-fields.ts";
import { readOwnerPattern } from "../rules/owner-pattern.ts";
import { readTextPattern } from "../rules/text-pattern.ts";
import type { Condition, Rule } from "./route-config.ts";

/** What a rule may name; `labels.KEY` is `labels: { KEY: … }`. */
export const ruleKeys: readonly string[] = [
  ...Object.keys(eventFields),
  "minCount",
  ...Object.keys(mapFields),
  "owner",
];

/** The conditions of one map below `match` or `drop`; what is wrong is reported and left out. */
export function readRule(node: ConfigNode, what: string, report: Report): Rule {
  return { conditions: entriesOf(node, what, report).flatMap((entry) => conditionsOf(entry, what, report)) };
}

function conditionsOf(entry: ConfigEntry, what: string, report: Report): Condition[] {
  const { key, value } = entry;
  if (Object.hasOwn(eventFields, key)) return textCondition(entry, report);
  if (key === "minCount") return countCondition(value, report);
  if (key === "owner") return ownerCondition(value, report);
  if (Object.hasOwn(mapFields, key)) {
    return entriesOf(value, key, report).flatMap((member) => mapCondition(key, member.key, member.value, report));
  }
  const [, map = "", member = ""] = /^(\w+)\.(.+)$/.exec(key) ?? [];
  if (Object.hasOwn(mapFields, map)) return mapCondition(map, member, value, report);
  report(entry, unknownKey(key, what, ruleKeys));
  return [];
}

function textCondition({ key: field, value }: ConfigEntry, report: Report): Condition[] {
  const read = eventFields[field];
  const exists = value.kind === "map" ? value.entries.find((member) => member.key === "exists") : undefined;
  if (exists) {
    report(exists, `"exists" is for labels, annotations and owners; a ${field} that is not there is ""`);
    return [];
  }
  const pattern = readTextPattern(value, field, report);
  if (!pattern || !read) return [];
  if (field === "type") eachText(value, (text, node) => checkType(text, node, report));
  if (nameFields.has(field)) eachText(value, (text, node) => checkIsNoRegex(field, text, node, report));
  return [
    {
      ...{ field, wanted: pattern.wanted, needsObject: false },
      // A field that is not there and one that is empty are the same to the API.
      test: (delivery) => pattern.matches(read(delivery) ?? ""),
      found: (delivery) => shown(read(delivery)),
    },
  ];
}

/** Fields that hold names of a kind, in which nothing of a regular expression can be but a dot. */
const nameFields: ReadonlySet<string> = new Set(["type", "reason", "namespace", "kind", "name", "component", "host"]);

function eachText(node: ConfigNode, check: (text: string, node: ConfigNode) => void): void {
  if (node.kind === "scalar") {
    if (typeof node.value === "string") check(node.value, node);
    return;
  }
  const inner = node.kind === "map" ? node.entries.map(({ value }) => value) : node.items;
  for (const one of inner) eachText(one, check);
}

/** The API's own types, in another case, match nothing. */
function checkType(text: string, node: ConfigNode, report: Report): void {
  const near = ["Normal", "Warning"].find((type) => type.toLowerCase() === text.toLowerCase() && type !== text);
  if (near !== undefined) report(node, `type "${text}" is no type of events, did you mean "${near}"?`);
}

/** As a text it would match nothing, without a word. */
function checkIsNoRegex(field: string, text: string, node: ConfigNode, report: Report): void {
  if (text.startsWith("/") || !/[*^$|]/.test(text)) return;
  report(node, `${field}: no ${field} is "${text}" to the letter; a regular expression is written /${text}/`);
}

function countCondition(node: ConfigNode, report: Report): Condition[] {
  const least = readWhole(node, "minCount", 1, report);
  if (least === undefined) return [];
  return [
    {
      ...{ field: "minCount", wanted: String(least), needsObject: false },
      test: ({ count }) => count >= least,
      found: ({ count }) => String(count),
    },
  ];
}

function mapCondition(map: string, key: string, node: ConfigNode, report: Report): Condition[] {
  const field = `${map}.${key}`;
  const source = mapFields[map];
  const pattern = readTextPattern(node, field, report);
  if (!pattern || !source) return [];
  return [
    {
      ...{ field, wanted: pattern.wanted, needsObject: source.ofObject },
      test: (delivery) => pattern.matches(memberOf(source.read(delivery), key)),
      found: (delivery) => {
        const value = (): string => shown(memberOf(source.read(delivery), key));
        return source.ofObject ? shownOf(delivery.object, value) : value();
      },
    },
  ];
}

function ownerCondition(node: ConfigNode, report: Report): Condition[] {
  const pattern = readOwnerPattern(node, "owner", report);
  if (!pattern) return [];
  return [
    {
      ...{ field: "owner", wanted: pattern.wanted, needsObject: true },
      test: ({ object }) => pattern.matches(object && object.owners.length > 0 ? object.owners : undefined),
      found: ({ object }) => {
        const names = (owners: { kind: string; name: string }[]): string =>
          owners.map(({ kind, name }) => `${kind}/${name}`).join(", ");
        return shownOf(object, ({ owners }) => shown(names(owners)));
      },
    },
  ];
}
