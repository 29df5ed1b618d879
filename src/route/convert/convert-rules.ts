import { recordOf } from "../../util/is-record.ts";
import type { Remark } from "./differences.ts";
import { convertPattern } from "./go-pattern.ts";
import { at, fillIn } from "./variables.ts";

/** A rule as a routing file has it. */
export type ConvertedRule = Readonly<Record<string, unknown>>;

export interface RuleConversion {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly remark: Remark;
}

const patternKeys = ["message", "apiVersion", "kind", "namespace", "reason", "type", "component", "host"];
const knownKeys = new Set([...patternKeys, "labels", "annotations", "minCount", "receiver"]);

/**
 * A rule of kubernetes-event-exporter, without its receiver. `never`: it holds for no event, since one of its regular
 * expressions is none, which kubernetes-event-exporter keeps to itself.
 */
export function convertRule(source: unknown, where: string, { env, remark }: RuleConversion): ConvertedRule | "never" {
  const rule: Record<string, unknown> = {};
  let isNever = false;
  const pattern = (value: unknown, field: string, place: string): unknown => {
    const text = fillIn(String(value), env, at(remark, place));
    if (field === "type" && (text === "Normal" || text === "Warning")) return text;
    const converted = convertPattern(text, field === "message" || field === "annotations");
    if ("text" in converted) return converted.text;
    isNever = true;
    remark(place, `"${text}" is not a regular expression (${converted.problem}), so that this rule never holds`);
    return undefined;
  };
  for (const [key, value] of Object.entries(recordOf(source))) {
    const place = `${where}.${key}`;
    if (!knownKeys.has(key)) {
      remark(place, "is left out: kubernetes-event-exporter does not know it");
    } else if (key === "minCount") {
      if (Number(value) > 0) rule.minCount = Math.floor(Number(value));
    } else if (key === "labels" || key === "annotations") {
      const members = Object.entries(recordOf(value)).map(([name, wanted]) => {
        const isEmpty = wanted === "" || wanted === null;
        return [name, isEmpty ? { exists: true } : pattern(wanted, key, `${place}.${name}`)];
      });
      if (members.length > 0) rule[key] = Object.fromEntries(members);
    } else if (key !== "receiver" && value !== "" && value !== null && value !== undefined) {
      rule[key] = pattern(value, key, place);
      if (key === "component") remark(place, "is the reporting component as well, where the source has none");
    }
  }
  return isNever ? "never" : rule;
}
