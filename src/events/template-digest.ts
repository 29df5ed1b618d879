import { createHash } from "node:crypto";
import { isRecord } from "../util/is-record.ts";

/**
 * The digest that names a release: one pod template of one Deployment, as the server stores it (never local YAML).
 * The same for the Deployment and for the ReplicaSet made from it: the only thing the Deployment controller adds is the
 * label `pod-template-hash`. Null members are left out, since servers differ in printing them; empty ones are not:
 * `namespaceSelector: {}` means all and its absence means none.
 *
 * @returns `v1:sha256:` and 64 hexadecimal digits; `v1` names these rules
 */
export function templateDigest(template: unknown): string {
  return `v1:sha256:${createHash("sha256")
    .update(canonicalJson(withoutHashLabel(template)))
    .digest("hex")}`;
}

function withoutHashLabel(template: unknown): unknown {
  if (!isRecord(template) || !isRecord(template.metadata) || !isRecord(template.metadata.labels)) return template;
  const { "pod-template-hash": _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
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
