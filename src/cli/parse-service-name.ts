import { usageError } from "../util/errors.ts";

/** A name that a Service may have, the strictest of those that manifests are made with, with room for `-` and a word. Source: RFC 1035. */
export function parseServiceName(flag: string, name: string, longest = 59): string {
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= longest) return name;
  throw usageError(
    `invalid argument "${name}" for "--${flag}" flag: it is a name of at most ${longest} of a-z, 0-9 and "-", from a letter on`,
  );
}
