import { KevError, usageError } from "../util/errors.ts";
import { goJson } from "./go-json.ts";
import { evaluate } from "./jsonpath/evaluate.ts";
import { goText } from "./jsonpath/go-type.ts";
import { JsonPathFault } from "./jsonpath/node.ts";
import { parseTemplate } from "./jsonpath/parse.ts";

/** A template in kubectl's jsonpath dialect, ready for any number of objects. */
export interface JsonPath {
  /** The values that each part of the template (text, braces; once per turn of a range) selects. */
  find(data: unknown): unknown[][];
  /** kubectl's `-o jsonpath`; no line feed of its own. `escapeText` is applied to what comes from the data. */
  print(data: unknown, escapeText?: (text: string) => string): string;
  /** kubectl's `-o jsonpath-as-json`: a JSON array per part of the template, each ended by a line feed. */
  printAsJson(data: unknown): string;
}

export interface JsonPathOptions {
  /** A key that is not there selects nothing; else it is an error. Default true, as in kubectl's `-o jsonpath`. */
  allowMissingKeys?: boolean;
}

/**
 * Reads a jsonpath template: `{.metadata.name}`, `{range .items[*]}{.kind}{"\n"}{end}`.
 *
 * Throws a usage error with kubectl's text; the functions of the result throw one of kind `failed` where the template
 * does not fit the data. Maps are walked in the order of their keys (kubectl: at random).
 * Source: k8s.io/client-go/util/jsonpath.
 */
export function compileJsonPath(template: string, { allowMissingKeys = true }: JsonPathOptions = {}): JsonPath {
  const nodes = parse(template);
  const run = (data: unknown) => {
    try {
      return evaluate(nodes, data, allowMissingKeys);
    } catch (error) {
      if (!(error instanceof JsonPathFault)) throw error;
      const what = `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}`;
      throw new KevError("failed", what);
    }
  };
  return {
    find: (data) => run(data).map(({ values }) => values),
    print: (data, escapeText = (text) => text) =>
      run(data)
        .map(({ values, literal }) => {
          const text = values.map(printValue).join(" ");
          return literal ? text : escapeText(text);
        })
        .join(""),
    printAsJson: (data) =>
      run(data)
        .map(({ values }) => `${goJson(values, 4)}\n`)
        .join(""),
  };
}

function parse(template: string) {
  try {
    return parseTemplate(template);
  } catch (error) {
    if (!(error instanceof JsonPathFault)) throw error;
    throw usageError(`error parsing jsonpath ${template}, ${error.message}`);
  }
}

function printValue(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? goJson(value) : goText(value);
}

/**
 * The template meant by the short forms that kubectl takes in custom-columns and `--sort-by`: `metadata.name`,
 * `.metadata.name`, `{metadata.name}` and `{.metadata.name}` all become `{.metadata.name}`.
 *
 * Throws a usage error with kubectl's text. Source: kubectl's RelaxedJSONPathExpression.
 */
export function relaxedJsonPath(expression: string): string {
  if (expression === "") return "";
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(expression);
  if (match === null) {
    throw usageError(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  return `{.${match[1] ?? match[2]}}`;
}
