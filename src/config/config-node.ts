/** A place in a file, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/**
 * A value of a config file and where it stands, free of the YAML library. A scalar of value undefined is one that was
 * reported already.
 */
export type ConfigNode = Place &
  (
    | { kind: "map"; entries: ConfigEntry[] }
    | { kind: "list"; items: ConfigNode[] }
    | { kind: "scalar"; value: unknown }
  );

export interface ConfigEntry extends Place {
  key: string;
  value: ConfigNode;
}

/** What a reader calls the value: `a string`, `a map`, `nothing`. */
export function describeNode(node: ConfigNode): string {
  if (node.kind !== "scalar") return `a ${node.kind}`;
  if (node.value === null || node.value === undefined) return "nothing";
  const type = typeof node.value;
  return type === "object" ? "binary data" : `a ${type}`;
}
