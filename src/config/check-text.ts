import { isReason } from "../events/build-event.ts";
import { byteLength, limits } from "../events/limits.ts";
import { checkAnnotation, checkLabel, isQualifiedName } from "../events/qualified-name.ts";
import { KevError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";

/** What is wrong with a text, or undefined when nothing is. */
export type TextCheck = (text: string) => string | undefined;

/** Any text that says something, of at most so many bytes of UTF-8. */
export function atMost(max: number): TextCheck {
  return (text) => {
    if (text.trim() === "") return "is empty";
    const length = byteLength(text);
    return length > max ? `is ${length} bytes long, the limit is ${max}` : undefined;
  };
}

export const checkReason: TextCheck = (text) =>
  isReason(text) ? atMost(limits.reason)(text) : `"${text}" is not UpperCamelCase, like "SmokeTested"`;

export const checkEventType: TextCheck = (text) => {
  if (text === "Normal" || text === "Warning") return undefined;
  const [near] = nearest(text, ["Normal", "Warning"], 1);
  return `"${text}" is neither "Normal" nor "Warning"${near === undefined ? "" : `, did you mean "${near}"?`}`;
};

export const checkComponent: TextCheck = (text) =>
  isQualifiedName(text) ? undefined : `"${text}" is not a qualified name, like "ci-approver" or "example.com/ci"`;

export const checkTypeName: TextCheck = (text) =>
  /^[A-Za-z][-A-Za-z0-9]*(\.[A-Za-z0-9][-A-Za-z0-9.]*)?$/.test(text)
    ? undefined
    : `"${text}" is not a resource type, like "Deployment" or "cronjobs.batch"`;

/** Checks one entry of a map of labels or annotations. */
export type EntryCheck = (key: string, value: string) => string | undefined;

export const checkLabelEntry: EntryCheck = (key, value) => messageOf(() => checkLabel(key, value));

export const checkAnnotationEntry: EntryCheck = (key) => messageOf(() => checkAnnotation(key));

function messageOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof KevError) return error.message;
    throw error;
  }
}
