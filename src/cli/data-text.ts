import { usageError } from "../util/errors.ts";
import { unicodeEscape, unsafeInJson } from "../util/escape-terminal.ts";

/**
 * A value as `-o json` or `-o yaml` prints it; undefined where `-o` is not given, or empty.
 *
 * @throws usage error for another format, with kubectl's text
 */
export async function dataText(output: string | undefined, value: unknown): Promise<string | undefined> {
  switch (output) {
    case undefined:
    case "":
      return undefined;
    case "json":
      return `${JSON.stringify(value, null, 4).replace(unsafeInJson, unicodeEscape)}\n`;
    case "yaml":
      return (await import("./to-yaml.ts")).toYaml(value);
    default:
      throw usageError(
        `unable to match a printer suitable for the output format "${output}", allowed formats are: json,yaml`,
      );
  }
}
