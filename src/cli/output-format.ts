import { usageError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";

/** How objects are printed: the value of `-o`. */
export type OutputFormat =
  | { kind: "name" | "json" | "yaml" }
  | { kind: "jsonpath" | "jsonpath-as-json"; template: string }
  | { kind: "jsonpath-file"; file: string };

/** The formats of `-o`, in the order of messages. Those that begin with `jsonpath` take `=VALUE`. */
export const outputFormats = ["json", "jsonpath", "jsonpath-as-json", "jsonpath-file", "name", "yaml"] as const;

const elsewhere: Readonly<Record<string, string>> = {
  kyaml: "use -o yaml",
  "go-template": "use -o jsonpath=TEMPLATE",
  "go-template-file": "use -o jsonpath-file=FILE",
  template: "use -o jsonpath=TEMPLATE",
  templatefile: "use -o jsonpath-file=FILE",
};

/**
 * The value of `-o`; undefined for the empty one, which is the default output as in kubectl. `json`, `yaml` and `name`
 * in any case. Nothing is read: a wrong template or file shows when the printer is made.
 *
 * Throws a usage error with kubectl's text.
 */
export function parseOutputFormat(value: string): OutputFormat | undefined {
  if (value === "") return undefined;
  const lower = value.toLowerCase();
  if (lower === "json" || lower === "yaml" || lower === "name") return { kind: lower };
  const [, kind = value, argument] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
  if (kind !== "jsonpath" && kind !== "jsonpath-as-json" && kind !== "jsonpath-file") throw unknownFormat(value, kind);
  if (!argument) throw usageError("template format specified but no template given", { hint: `-o ${kind}=VALUE` });
  return kind === "jsonpath-file" ? { kind, file: argument } : { kind, template: argument };
}

/** The usage error for a value of `-o` that is none, with kubectl's text. */
export function unknownFormat(value: string, kind: string, formats: readonly string[] = outputFormats): Error {
  const [near] = nearest(kind, formats, 1);
  const hint = elsewhere[kind] ?? (near === undefined ? undefined : `did you mean -o ${near}?`);
  const allowed = formats.join(",");
  return usageError(
    `unable to match a printer suitable for the output format ${JSON.stringify(value)}, allowed formats are: ${allowed}`,
    { hint },
  );
}
