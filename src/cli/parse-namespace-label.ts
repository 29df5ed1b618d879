import { usageError } from "../util/errors.ts";

const word = "[A-Za-z0-9]([-\\w.]{0,61}[A-Za-z0-9])?";
/** Source: k8s.io/apimachinery/pkg/util/validation, IsQualifiedName and IsValidLabelValue. */
const label = new RegExp(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?${word}=${word}$`);

/** `KEY=VALUE` of `--namespace-label`; undefined where it is not given. */
export function parseNamespaceLabel(text: string | undefined): string | undefined {
  if (text === undefined || label.test(text)) return text;
  throw usageError(`invalid argument "${text}" for "--namespace-label" flag: it is KEY=VALUE`);
}
