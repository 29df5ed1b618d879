import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

// client-node's generated code is laid out by tsc: members of a class are indented by four blanks.
const memberStart = /^ {4}(?:async )?(\w+)\(.*\{$/;
const memberEnd = /^ {4}\}$/;

/** Generated classes without the methods that are not in `names`; a method and its `…WithHttpInfo` go together. */
export function keepMethods(code: string, names: readonly string[]): string {
  const kept = new Set(["constructor", ...names.map(baseName)]);
  const lines: string[] = [];
  let isDropping = false;
  for (const line of code.split("\n")) {
    const member = memberStart.exec(line)?.[1];
    if (!isDropping && member !== undefined) isDropping = !kept.has(baseName(member));
    if (!isDropping) lines.push(line);
    else if (memberEnd.test(line)) isDropping = false;
  }
  return lines.join("\n");
}

function baseName(method: string): string {
  return method.replace(/WithHttpInfo$/, "");
}

/** ObjectSerializer with only the models `roots` and those that they hold; it passes other data on as it is. */
export async function keepModels(serializer: string, roots: readonly string[]): Promise<string> {
  const kept = await closure(dirname(serializer), roots);
  const lines = (await readFile(serializer, "utf8")).split("\n");
  return lines
    .filter((line) => {
      const model =
        /^(?:import|export) .* from '\.\.\/models\/(\w+)\.js';$/.exec(line) ?? /^ {4}"(\w+)": \1,$/.exec(line);
      return model?.[1] === undefined || kept.has(model[1]);
    })
    .join("\n");
}

async function closure(folder: string, roots: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const open = [...roots];
  for (let model = open.pop(); model !== undefined; model = open.pop()) {
    if (found.has(model)) continue;
    found.add(model);
    const code = await readFile(join(folder, `${model}.js`), "utf8");
    for (const [, type = ""] of code.matchAll(/"type": "([^"]+)"/g)) {
      open.push(...(type.match(/\b(?:[A-Z]\w*)?V\d\w*/g) ?? []).filter((name) => name !== "V1MicroTime"));
    }
  }
  return found;
}
