import type { ZodType, z } from "zod";
import { type ConfigNode, describeNode } from "../../config/config-node.ts";
import { type Report, unknownKey } from "../../config/map-reader.ts";
import { isAbsent, quoted } from "../../config/read-scalar.ts";
import { nearest } from "../../util/nearest.ts";
import { locate } from "./node-value.ts";
import { optionKeys } from "./sink-fields.ts";

type Issue = z.core.$ZodIssue;

export interface OptionProblems {
  /** The map of the sink. */
  readonly node: ConfigNode;
  /** What names it: `sink "chat"`. */
  readonly what: string;
  readonly schema: ZodType;
  /** Keys that the map may have besides those of the schema. */
  readonly commonKeys: readonly string[];
  readonly report: Report;
}

/** Reports what a schema says of a sink's options, each where it stands in the file. No value is quoted: it may be a secret. */
export function reportIssues(issues: readonly Issue[], problems: OptionProblems): void {
  for (const issue of issues) reportIssue(issue, issue.path, problems);
}

function reportIssue(issue: Issue, path: readonly PropertyKey[], problems: OptionProblems): void {
  const { node: root, what, report } = problems;
  const { node, nearest: place } = locate(root, path);
  const name = path.length === 0 ? what : pathText(path);
  if (node === undefined) {
    const outer = path.length > 1 ? pathText(path.slice(0, -1)) : what;
    report(place, `${outer} has no ${String(path.at(-1))}`);
  } else if (isAbsent(node)) {
    // Was reported where its secret was looked for.
  } else if (issue.code === "unrecognized_keys") {
    const allowed = [...optionKeys(problems.schema, path), ...(path.length === 0 ? problems.commonKeys : [])];
    for (const key of issue.keys) report(locate(root, [...path, key]).entry ?? place, unknownKey(key, name, allowed));
  } else if (issue.code === "invalid_union" && bestBranch(issue.errors)) {
    for (const inner of bestBranch(issue.errors) ?? []) reportIssue(inner, [...path, ...inner.path], problems);
  } else {
    report(issue.code === "invalid_key" ? place : node, `${name}${messageOf(issue, node)}`);
  }
}

function messageOf(issue: Issue, node: ConfigNode): string {
  switch (issue.code) {
    case "invalid_union": {
      const forms = issue.errors.flat().flatMap((one) => (one.code === "invalid_type" ? typeText(one.expected) : []));
      return forms.length === 0 ? " is of no form that it can have" : ` must be ${[...new Set(forms)].join(" or ")}`;
    }
    case "invalid_type": {
      const advice = issue.expected === "string" ? quoted(node) || secretForms(node) : "";
      return ` must be ${typeText(issue.expected)}, not ${describeNode(node)}${advice}`;
    }
    case "invalid_value": {
      const values = issue.values.map(String);
      const [near] = node.kind === "scalar" ? nearest(String(node.value), values, 1) : [];
      return ` must be ${values.join(" or ")}${near === undefined ? "" : `, did you mean "${near}"?`}`;
    }
    case "invalid_key":
      return messageText(issue.issues[0]?.message ?? issue.message);
    default:
      return messageText(issue.message);
  }
}

/** What was meant to be taken from elsewhere, in the way of another tool. */
function secretForms(node: ConfigNode): string {
  return node.kind === "map" ? "; a secret is { fromEnv: NAME } or { fromFile: PATH }" : "";
}

/** Of the forms that a value may have the one that it is nearest to. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const isOfOtherType = (issues: readonly Issue[]): boolean =>
    issues.some(({ code, path }) => code === "invalid_type" && path.length === 0);
  const fitting = branches.filter((issues) => !isOfOtherType(issues));
  return fitting.toSorted((a, b) => a.length - b.length)[0];
}

function typeText(expected: string): string {
  const known: Readonly<Record<string, string>> = {
    boolean: "true or false",
    array: "a list",
    object: "a map",
    record: "a map",
    int: "a whole number",
  };
  return known[expected] ?? `a ${expected}`;
}

// Our own messages may be the end of a sentence; others are sentences.
function messageText(message: string): string {
  return /^(must|needs|has|is) /.test(message) ? ` ${message}` : `: ${message}`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}
