import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { usageError } from "../util/errors.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import { fileErrorText } from "../util/file-error.ts";
import { goJson } from "./go-json.ts";
import { compileJsonPath } from "./jsonpath.ts";
import type { OutputFormat } from "./output-format.ts";

/** An object of the API, or a List of them, as JSON on the wire. */
export interface PrintableObject {
  apiVersion?: string;
  kind?: string;
  metadata?: object;
}

export interface PrintOptions {
  /** Keeps metadata.managedFields in `json` and `yaml`. Default false. */
  showManagedFields?: boolean;
  /** The text goes to a terminal: what jsonpath takes from the object is escaped. Default false. */
  terminal?: boolean;
  /** What a relative `jsonpath-file` starts from. Default: the process's. */
  cwd?: string;
}

/** Text for one object after the other; ends in a line feed except for `jsonpath`, which says itself where it ends. */
export type ObjectPrinter = (object: PrintableObject) => string;

/**
 * A printer for any number of objects, one after another as `kubectl create` prints them; YAML documents are parted
 * by `---`. Make it before the work begins: a wrong template is a usage error here, not after the fact.
 *
 * The printer throws a KevError of kind `failed` where a jsonpath does not fit an object.
 * Source: k8s.io/cli-runtime/pkg/printers.
 */
export async function objectPrinter(format: OutputFormat, options: PrintOptions = {}): Promise<ObjectPrinter> {
  switch (format.kind) {
    case "name":
      return nameLines;
    case "json":
      return (object) => `${goJson(forPrint(object, options), 4)}\n`;
    case "yaml":
      return yamlPrinter(options);
    case "jsonpath-file":
      return jsonPathPrinter(await readTemplate(format.file, options.cwd), false, options);
    default:
      return jsonPathPrinter(format.template, format.kind === "jsonpath-as-json", options);
  }
}

async function yamlPrinter(options: PrintOptions): Promise<ObjectPrinter> {
  const { toYaml } = await import("./to-yaml.ts");
  let separator = "";
  return (object) => {
    const text = separator + toYaml(forPrint(object, options));
    separator = "---\n";
    return text;
  };
}

async function jsonPathPrinter(template: string, asJson: boolean, { terminal }: PrintOptions): Promise<ObjectPrinter> {
  const path = compileJsonPath(template);
  if (asJson) return path.printAsJson;
  const escapeText = (text: string): string => escapeTerminal(text, { keepNewlines: true });
  return (object) => path.print(object, terminal ? escapeText : undefined);
}

async function readTemplate(file: string, cwd: string | undefined): Promise<string> {
  try {
    return await readFile(cwd === undefined ? file : resolve(cwd, file), "utf8");
  } catch (cause) {
    throw usageError(`error reading --template ${file}, ${fileErrorText("open", file, cause)}`, { cause });
  }
}

function nameLines(object: PrintableObject): string {
  return itemsOf(object)?.map(nameLines).join("") ?? `${objectName(object)}\n`;
}

/** `event/NAME`, or `kind.group/NAME` outside the core group: kubectl's `-o name`. Source: cli-runtime, name.go. */
export function objectName({ apiVersion = "", kind = "", metadata }: PrintableObject): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  const name = metadata && "name" in metadata && typeof metadata.name === "string" ? metadata.name : "";
  return escapeTerminal(`${(kind || "<unknown>").toLowerCase()}${group}/${name || "<unknown>"}`);
}

function forPrint(object: PrintableObject, options: PrintOptions): PrintableObject {
  if (options.showManagedFields) return object;
  const items = itemsOf(object);
  if (items !== undefined) return Object.assign({}, object, { items: items.map((item) => forPrint(item, options)) });
  if (object.metadata === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}

function itemsOf(object: PrintableObject): PrintableObject[] | undefined {
  return "items" in object && Array.isArray(object.items) && object.kind?.endsWith("List") ? object.items : undefined;
}
