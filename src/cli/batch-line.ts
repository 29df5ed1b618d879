import { z } from "zod";
import type { BatchEntry, BatchLine } from "../record/emit-batch.ts";
import { KevError, type Naming, usageError } from "../util/errors.ts";
import { isRecord } from "../util/is-record.ts";
import { nearest } from "../util/nearest.ts";
import { asFlag } from "./member-names.ts";
import type { NumberedLine } from "./numbered-lines.ts";
import { parseExpiry, parseTime } from "./parse-time.ts";

const text = z.string();
const texts = z.record(z.string(), z.string());
/** A line of a batch: the flags of `kev emit`, by their names. */
const schema = z.strictObject({
  object: text,
  kind: text.optional(),
  namespace: text.optional(),
  preset: text.optional(),
  reason: text.optional(),
  message: text.optional(),
  type: text.optional(),
  component: text.optional(),
  instance: text.optional(),
  action: text.optional(),
  related: text.optional(),
  container: text.optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
  at: text.optional(),
  key: text.optional(),
  once: z.boolean().optional(),
  digest: text.optional(),
  expires: text.optional(),
  truncate: z.boolean().optional(),
});

/** Names of the members that a line may have. */
export const batchMembers: readonly string[] = Object.keys(schema.shape);

/** Bytes. An event takes 1024 bytes of message; labels and annotations are kept in 256 KiB by the server. */
export const longestBatchLine = 512 * 1024;

/**
 * A member of the library's input as a line has it: `"expires"` for `expiresAt`. What no line can say is said by flags for
 * all of them.
 */
export const asBatchMember: Naming = (member) => {
  const name = member === "expiresAt" ? "expires" : member;
  return batchMembers.includes(name) ? JSON.stringify(name) : asFlag(member);
};

/** What a line of a batch says; undefined for an empty one. A line that says nothing good is an error among the others. */
export function parseBatchLine(numbered: NumberedLine, now: Date): BatchLine | undefined {
  const { line } = numbered;
  try {
    if ("problem" in numbered) throw usageError(numbered.problem);
    const { text } = numbered;
    if (text.trim() === "") return undefined;
    // Editors on Windows mark UTF-8 at the beginning.
    return { line, entry: entryOf(jsonOf(line === 1 ? text.replace(/^\ufeff/, "") : text), now) };
  } catch (error) {
    if (!(error instanceof KevError)) throw error;
    return { line, error };
  }
}

function jsonOf(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw usageError("it is no JSON", { hint: 'like {"object":"deploy/ui-server","reason":"SmokeTested"}', cause });
  }
  const problem = isCompact(value, text) ? undefined : memberProblem(text);
  if (problem === undefined) return value;
  throw usageError(problem);
}

/** True for a text as most programs write it, of which nothing has got lost: to search it takes longer than all the rest. */
function isCompact(value: unknown, text: string): boolean {
  try {
    return JSON.stringify(value) === text && !text.includes("__proto__");
  } catch {
    // It is nested deeper than there is room for.
    return false;
  }
}

/**
 * What is wrong with the members of `text`, which is JSON: of two of one name JSON.parse takes the last without a word, and
 * nobody knows which was meant; and `__proto__` gets lost on the way.
 */
function memberProblem(text: string): string | undefined {
  const open: Set<string>[] = [];
  // Strings, with their colon where they are names, and the ends of objects; whatever else there is lies between them.
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const name = JSON.stringify(JSON.parse(token.slice(0, -colon.length)));
      if (name === '"__proto__"') return unknownMember(name);
      const names = open.at(-1);
      if (names?.has(name)) return `it has the member ${name} twice`;
      names?.add(name);
    }
  }
  return undefined;
}

const unknownMember = (name: string): string => `it has an unknown member ${name}`;

function entryOf(value: unknown, now: Date): BatchEntry {
  if (isRecord(value) && value.object === undefined) throw usageError("it has no object");
  const result = schema.safeParse(value);
  if (!result.success) throw usageError(problemOf(result.error.issues[0]));
  const { preset, at, expires, ...rest } = result.data;
  const what = preset ?? rest.reason;
  if (what === undefined) throw usageError("it has neither preset nor reason");
  if (preset !== undefined && /^[A-Z]/.test(preset)) {
    throw usageError(`its preset "${preset}" is no preset`, { hint: "a word in UpperCamelCase is a reason" });
  }
  if (rest.object.trim() === "") throw usageError("its object is empty");
  return {
    ...rest,
    what,
    ...(at !== undefined && { at: parseTime(at, now) }),
    ...(expires !== undefined && { expiresAt: parseExpiry(expires, now) }),
  };
}

function problemOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const [near] = nearest(key, batchMembers, 1);
    return `${unknownMember(JSON.stringify(key))}${near === undefined ? "" : `, did you mean "${near}"?`}`;
  }
  const name = issue?.path.join(".") ?? "";
  if (name === "") return "it is no JSON object";
  const expected = issue?.code === "invalid_type" ? (words[issue.expected] ?? `a ${issue.expected}`) : "something else";
  return `its ${name} must be ${expected}`;
}

const words: Readonly<Record<string, string>> = { boolean: "true or false", record: "an object" };
