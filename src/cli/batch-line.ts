import { z } from "zod";
import type { BatchEntry, BatchLine } from "../record/emit-batch.ts";
import { KevError, usageError } from "../util/errors.ts";
import { isRecord } from "../util/is-record.ts";
import { nearest } from "../util/nearest.ts";
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

/** What a line of a batch says; undefined for an empty one. A line that says nothing good is an error among the others. */
export function parseBatchLine({ line, text }: NumberedLine, now: Date): BatchLine | undefined {
  if (text?.trim() === "") return undefined;
  try {
    if (text === undefined) throw usageError(`it is longer than ${longestBatchLine} bytes`);
    // Editors on Windows mark UTF-8 at the beginning.
    return { line, entry: entryOf(jsonOf(line === 1 ? text.replace(/^\ufeff/, "") : text), now) };
  } catch (error) {
    if (!(error instanceof KevError)) throw error;
    return { line, error };
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw usageError("it is no JSON", { hint: 'like {"object":"deploy/ui-server","reason":"SmokeTested"}', cause });
  }
}

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
    return `it has an unknown member ${JSON.stringify(key)}${near === undefined ? "" : `, did you mean "${near}"?`}`;
  }
  const name = issue?.path.join(".") ?? "";
  if (name === "") return "it is no JSON object";
  const expected = issue?.code === "invalid_type" ? (words[issue.expected] ?? `a ${issue.expected}`) : "something else";
  return `its ${name} must be ${expected}`;
}

const words: Readonly<Record<string, string>> = { boolean: "true or false", record: "an object" };
