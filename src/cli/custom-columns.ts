import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import { goText } from "./jsonpath/go-type.ts";
import { compileJsonPath, relaxedJsonPath } from "./jsonpath.ts";
import type { Column } from "./table.ts";

/**
 * The columns of `-o custom-columns=HEADER:PATH,…`, for a table of any objects. As in kubectl, several values are joined
 * by commas, what is not there is `<none>`, and null is `<nil>`.
 *
 * Throws a usage error with kubectl's text; printing throws one of kind `failed` where a path does not fit an object.
 * Source: k8s.io/kubectl/pkg/cmd/get/customcolumn.go.
 */
export function customColumns(spec: string): Column<unknown>[] {
  if (spec === "") throw noColumns();
  return spec.split(",").map((part) => {
    const colon = part.indexOf(":");
    if (colon === -1) throw usageError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return customColumn(part.slice(0, colon), part.slice(colon + 1));
  });
}

/**
 * The columns of `-o custom-columns-file=FILE`: a line of headers and a line of paths, parted by blanks; what follows
 * them is not read. `cwd` is what a relative path starts from; default: the process's. Else as {@link customColumns}.
 */
export async function customColumnsFile(file: string, cwd?: string): Promise<Column<unknown>[]> {
  if (file === "") throw noColumns();
  const [headerLine, pathLine] = await linesOf(file, cwd);
  if (headerLine === undefined) throw invalidTemplate("header");
  if (pathLine === undefined) throw invalidTemplate("spec");
  const [headers, paths] = [wordsOf(headerLine), wordsOf(pathLine)];
  if (headers.length !== paths.length) {
    throw usageError(`number of headers (${headers.length}) and field specifications (${paths.length}) don't match`);
  }
  return headers.map((header, index) => customColumn(header, paths[index] ?? ""));
}

function customColumn(head: string, path: string): Column<unknown> {
  const template = compileJsonPath(relaxedJsonPath(path));
  return {
    head,
    value: (object) => {
      const values = template.find(object).flat();
      return values.length === 0 ? "<none>" : values.map(goText).join(",");
    },
    empty: "",
  };
}

async function linesOf(file: string, cwd: string | undefined): Promise<string[]> {
  try {
    const text = await readFile(cwd === undefined ? file : resolve(cwd, file), "utf8");
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  } catch (cause) {
    throw usageError(`error reading template ${file}, ${fileErrorText("open", file, cause)}`, { cause });
  }
}

function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== "");
}

function noColumns(): Error {
  return usageError("custom-columns format specified but no custom columns given", {
    hint: "like -o custom-columns=NAME:.metadata.name,REASON:.reason",
  });
}

function invalidTemplate(missing: string): Error {
  return usageError(
    `invalid template, missing ${missing} line. Expected format is one line of space separated headers, one line of ` +
      "space separated column specs.",
  );
}
