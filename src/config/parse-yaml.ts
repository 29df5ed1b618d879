import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { ConfigProblem } from "./config.ts";
import type { ConfigEntry, ConfigNode, Place } from "./config-node.ts";

export interface ParsedYaml {
  /** Undefined for an empty file, and for one that cannot be read as YAML. */
  root: ConfigNode | undefined;
  problems: ConfigProblem[];
}

/** YAML as nodes that know their places. Duplicate keys, aliases and unknown tags are problems; never throws. `what` names the file. */
export function parseYaml(text: string, what = "a config file"): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const problems: ConfigProblem[] = [];
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
    const known = code === "MULTIPLE_DOCS" ? `only one YAML document may stand in ${what}` : message;
    problems.push({ ...place(pos[0]), message: known });
  }
  if (document.errors.length > 0 || !document.contents) return { root: undefined, problems };
  return { root: convert(document.contents, { line: 1, column: 1 }, { place, problems }), problems };
}

interface Conversion {
  place: (offset: number) => Place;
  problems: ConfigProblem[];
}

function convert(node: ParsedNode | null, fallback: Place, conversion: Conversion): ConfigNode {
  const where = node === null ? fallback : conversion.place(node.range[0]);
  if (isMap(node)) return { ...where, kind: "map", entries: convertEntries(node, conversion) };
  if (isSeq(node)) {
    const items = (node.items as (ParsedNode | null)[]).map((item) => convert(item, where, conversion));
    return { ...where, kind: "list", items };
  }
  if (isAlias(node)) {
    conversion.problems.push({ ...where, message: "aliases are not supported, write the value out" });
    return { ...where, kind: "scalar", value: undefined };
  }
  return { ...where, kind: "scalar", value: isScalar(node) ? node.value : null };
}

function convertEntries(
  map: Extract<ParsedNode, { items: { key: unknown }[] }>,
  conversion: Conversion,
): ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  const seen = new Map<string, Place>();
  for (const pair of map.items) {
    const { key, value } = pair as { key: ParsedNode; value: ParsedNode | null };
    const where = conversion.place(key.range[0]);
    const name = isScalar(key) ? String(key.value) : undefined;
    const first = name === undefined ? undefined : seen.get(name);
    if (name === undefined) {
      conversion.problems.push({ ...where, message: "a key must be a word" });
    } else if (first !== undefined) {
      conversion.problems.push({ ...where, message: `duplicate key "${name}", first on line ${first.line}` });
    } else {
      seen.set(name, where);
      entries.push({ ...where, key: name, value: convert(value, where, conversion) });
    }
  }
  return entries;
}
