import { usageError } from "../util/errors.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Names of objects as a flag took them. Source: k8s.io/apimachinery/pkg/util/validation, IsDNS1123Subdomain. */
export function parseNames<T extends string | readonly string[] | undefined>(flag: string, names: T): T {
  const wrong = [names ?? []].flat().find((name) => !subdomain.test(name) || name.length > 253);
  if (wrong === undefined) return names;
  throw usageError(`invalid argument "${wrong}" for "--${flag}" flag: it is a name of a-z, 0-9, "-" and "."`);
}
