import { Document } from "yaml";

/**
 * A JSON value as YAML in kubectl's layout: keys sorted, 2 blanks, dashes not indented, long lines folded, the words of YAML 1.1
 * (`yes`, `on`) quoted. Ends in a line feed. Which quotes a string gets may differ from kubectl's.
 */
export function toYaml(value: unknown): string {
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false, sortMapEntries: true });
  return document.toString({ indentSeq: false, lineWidth: 80, directives: false });
}
