import { Document, visit } from "yaml";
import { unicodeEscape, unsafeInJson } from "../util/escape-terminal.ts";

/**
 * A JSON value as YAML in kubectl's layout: keys sorted, 2 blanks, dashes not indented, long lines folded, the words of YAML 1.1
 * (`yes`, `on`) quoted. Ends in a line feed. Which quotes a string gets may differ from kubectl's; what could move a
 * terminal's cursor or reorder its line is escaped, in double quotes.
 */
export function toYaml(value: unknown): string {
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false, sortMapEntries: true });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && node.value.search(unsafeInJson) >= 0) node.type = "QUOTE_DOUBLE";
    },
  });
  const text = document.toString({ indentSeq: false, lineWidth: 80, directives: false });
  return text.replace(unsafeInJson, unicodeEscape);
}
