import { limits } from "./limits.ts";
import { isSubdomain } from "./qualified-name.ts";

/**
 * The name of a new event: `<object>.<suffix>`, made a DNS-1123 subdomain of at most 253 characters by cutting and
 * cleaning the object's part. core/v1 takes nearly any name, events.k8s.io/v1 does not (RBAC objects hold `:`).
 * `suffix` must itself be lower-case alphanumeric.
 */
export function eventName(objectName: string, suffix: string): string {
  const room = limits.name - suffix.length - 1;
  // As nearly all are.
  if (objectName.length <= room && isSubdomain(objectName)) return `${objectName}.${suffix}`;
  const prefix = subdomain(
    objectName
      .toLowerCase()
      .replaceAll(/[^a-z0-9.-]/g, "-")
      .slice(0, room),
  );
  return prefix === "" ? suffix : `${prefix}.${suffix}`;
}

// Each label of a subdomain starts and ends with a letter or digit, and none is empty.
function subdomain(text: string): string {
  return text
    .split(".")
    .map((label) => label.replaceAll(/^-+|-+$/g, ""))
    .filter((label) => label !== "")
    .join(".");
}
