import type { ConfigEntry, ConfigNode } from "../../config/config-node.ts";

/** The value as JSON has it; undefined for what was reported already. */
export function valueOfNode(node: ConfigNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(valueOfNode);
  // Not assignments: a key may be called __proto__.
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, valueOfNode(value)]));
}

/** Where a path leads, and how far there is something. */
export interface Located {
  /** Undefined: there is nothing at the end of the path. */
  readonly node: ConfigNode | undefined;
  /** The entry that the last key names. */
  readonly entry: ConfigEntry | undefined;
  /** The innermost thing that is there. */
  readonly nearest: ConfigNode | ConfigEntry;
}

/** Follows keys of maps and indexes of lists. */
export function locate(root: ConfigNode, path: readonly PropertyKey[]): Located {
  let node: ConfigNode | undefined = root;
  let entry: ConfigEntry | undefined;
  let nearest: ConfigNode | ConfigEntry = root;
  for (const key of path) {
    entry = node?.kind === "map" ? node.entries.find((candidate) => candidate.key === key) : undefined;
    const item: ConfigNode | undefined = node?.kind === "list" && typeof key === "number" ? node.items[key] : undefined;
    node = entry?.value ?? item;
    if (node === undefined) break;
    nearest = entry ?? node;
  }
  return { node, entry, nearest };
}
