import { usageError } from "../util/errors.ts";

/** `KEY=VALUE` of `--namespace-label`; undefined where it is not given. */
export function parseNamespaceLabel(text: string | undefined): string | undefined {
  if (text === undefined || /^[^=\s,!]+=[^=\s,!]+$/.test(text)) return text;
  throw usageError(`invalid argument "${text}" for "--namespace-label" flag: it is KEY=VALUE`);
}
