import { type KevError, usageError } from "../util/errors.ts";

// k8s.io/apimachinery/pkg/api/validate/content: qualified names, label values, DNS-1123 subdomains.
const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** DNS-1123, of any length. */
export const isSubdomain = (text: string): boolean => subdomain.test(text);

/** `[PREFIX/]NAME` as the API takes it for label and annotation keys and for reporting components. */
export function isQualifiedName(text: string): boolean {
  const parts = text.split("/");
  if (parts.length > 2) return false;
  const name = parts.at(-1) ?? "";
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (prefix !== undefined && (prefix.length > 253 || !subdomain.test(prefix))) return false;
  return name.length <= 63 && namePart.test(name);
}

/** `key` and `value` when they may be a label; throws a usage error that says what is wrong. */
export function checkLabel(key: string, value: string): void {
  checkKey("label", key);
  if (value.length > 63 || (value !== "" && !namePart.test(value))) {
    throw usageError(
      `label ${key} has the value "${value}"; a label value has at most 63 letters, digits, '-', '_' or '.'`,
    );
  }
}

/** Throws a usage error when `key` may not be an annotation's. Values are free. */
export function checkAnnotation(key: string): void {
  checkKey("annotation", key);
}

function checkKey(what: "label" | "annotation", key: string): void {
  // The server lower-cases an annotation's key before the check, a label's not.
  if (!isQualifiedName(what === "annotation" ? key.toLowerCase() : key)) throw notQualified(what, key);
  // What the gate and the counting of repeats read must not be made up.
  if (key.toLowerCase().startsWith("kev.dev/"))
    throw usageError(`${what}s under kev.dev/ are kev's own, and "${key}" is one`);
}

function notQualified(what: string, key: string): KevError {
  return usageError(`${what} key "${key}" is not a qualified name`, { hint: "like build-number or example.com/build" });
}
