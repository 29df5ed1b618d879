import { parseByteSize } from "../util/byte-size.ts";
import { parseGoDuration } from "../util/duration.ts";
import { nearest } from "../util/nearest.ts";
import type { TextCheck } from "./check-text.ts";
import { type ConfigNode, describeNode } from "./config-node.ts";
import type { Report } from "./map-reader.ts";

// Each gives undefined for what is not there, and for what is wrong, which it has reported; `what` names it.

/** Not there, or reported already. */
export function isAbsent(node: ConfigNode | undefined): node is undefined {
  return node === undefined || (node.kind === "scalar" && node.value === undefined);
}

/** There, and says nothing: `sinks:`, `null`. */
export function isEmpty(node: ConfigNode): boolean {
  return node.kind === "map" ? node.entries.length === 0 : node.kind === "scalar" && node.value === null;
}

export function readText(
  node: ConfigNode | undefined,
  what: string,
  check: TextCheck,
  report: Report,
): string | undefined {
  if (isAbsent(node)) return undefined;
  if (node.kind !== "scalar" || typeof node.value !== "string") {
    report(node, `${what} must be a string, not ${describeNode(node)}${quoted(node)}`);
    return undefined;
  }
  const wrong = check(node.value);
  if (wrong === undefined) return node.value;
  report(node, `${what} ${wrong}`);
  return undefined;
}

/** How a number or boolean becomes the string that was meant; empty for others. */
export function quoted(node: ConfigNode): string {
  return node.kind === "scalar" && /^(number|boolean)$/.test(typeof node.value) ? `: write "${node.value}"` : "";
}

export function readDuration(
  node: ConfigNode | undefined,
  what: string,
  report: Report,
  least = 0,
): number | undefined {
  if (isAbsent(node)) return undefined;
  const milliseconds = parseGoDuration(node.kind === "scalar" ? String(node.value) : "");
  if (milliseconds === undefined || milliseconds < 0) {
    report(node, `${what} must be a duration like "30s" or "2m", not ${given(node)}`);
    return undefined;
  }
  if (milliseconds >= least) return milliseconds;
  report(node, `${what} must be at least ${least}ms, not ${given(node)}`);
  return undefined;
}

export function readFlag(node: ConfigNode | undefined, what: string, report: Report): boolean | undefined {
  if (isAbsent(node)) return undefined;
  if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
  report(node, `${what} must be true or false, not ${given(node)}`);
  return undefined;
}

export function readWhole(
  node: ConfigNode | undefined,
  what: string,
  least: number,
  report: Report,
): number | undefined {
  if (isAbsent(node)) return undefined;
  const value = node.kind === "scalar" ? node.value : undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  report(node, `${what} must be a whole number from ${least} on, not ${given(node)}`);
  return undefined;
}

export function readSize(node: ConfigNode | undefined, what: string, report: Report): number | undefined {
  if (isAbsent(node)) return undefined;
  const bytes = parseByteSize(node.kind === "scalar" ? String(node.value) : "");
  if (bytes !== undefined && bytes >= 1) return bytes;
  report(node, `${what} must be a size like "100MiB" or "4096", not ${given(node)}`);
  return undefined;
}

export function readChoice<Choice extends string>(
  node: ConfigNode | undefined,
  what: string,
  choices: readonly Choice[],
  report: Report,
): Choice | undefined {
  if (isAbsent(node)) return undefined;
  const value = node.kind === "scalar" ? node.value : undefined;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  const [near] = typeof value === "string" ? nearest(value, choices, 1) : [];
  const advice = near === undefined ? "" : `, did you mean "${near}"?`;
  report(node, `${what} must be ${choices.join(" or ")}, not ${given(node)}${advice}`);
  return undefined;
}

function given(node: ConfigNode): string {
  return node.kind === "scalar" && (node.value ?? null) !== null ? `"${node.value}"` : describeNode(node);
}
