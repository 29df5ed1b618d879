import { createHash } from "node:crypto";
import { isRecord } from "../util/is-record.ts";

/**
 * The digest that names a release: one pod template of one Deployment, as the server stores it (never local YAML).
 * The same for the Deployment and for the ReplicaSet made from it: the only thing the Deployment controller adds is the
 * label `pod-template-hash`. Null members are left out, since servers differ in printing them; empty ones are not:
 * `namespaceSelector: {}` means all and its absence means none.
 *
 * @param ignored annotations of the template that are left out, as if they made no other release
 * @returns `v1:sha256:` and 64 hexadecimal digits; `v1` names these rules
 */
export function templateDigest(template: unknown, ignored: readonly string[] = []): string {
  const content = without(without(template, "labels", ["pod-template-hash"]), "annotations", ignored);
  return `v1:sha256:${createHash("sha256").update(canonicalJson(content)).digest("hex")}`;
}

/** `template` without members of its labels or annotations; annotations of which none is left are none. */
function without(template: unknown, map: "labels" | "annotations", names: readonly string[]): unknown {
  if (!isRecord(template) || !isRecord(template.metadata)) return template;
  const { [map]: members, ...metadata } = template.metadata;
  if (!isRecord(members) || !names.some((name) => name in members)) return template;
  const left = Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
  const isNone = map === "annotations" && Object.keys(left).length === 0;
  return { ...template, metadata: isNone ? metadata : { ...metadata, [map]: left } };
}

// JSON with sorted keys and without null members.
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value)
    .filter((key) => value[key] !== null && value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}
