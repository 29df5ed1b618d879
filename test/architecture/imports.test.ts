import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "@jest/globals";

const root = new URL("../../", import.meta.url).pathname;

// Run-time imports go from a later row to an earlier one, or stay in their folder; folders of one row know nothing of each other.
const rows = [
  ["util"],
  ["events"],
  ["kube", "config"],
  ["record", "read", "sinks", "metrics", "store"],
  ["route", "gate", "probe", "run", "track"],
  ["cli"],
];

interface Import {
  file: string;
  target: string;
  isType: boolean;
  isDynamic: boolean;
}

const files = globSync("src/**/*.ts", { cwd: root }).sort();
const imports = files.flatMap(importsOf);

describe("imports", () => {
  test("are found at all", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  test("go one way between layers", () => {
    const wrong = imports.filter(({ file, target, isType }) => {
      if (isType || !target.startsWith("src/")) return false;
      const [from, to] = [rowOf(file), rowOf(target)];
      if (from === undefined || to === undefined) return false;
      return from.row < to.row || (from.row === to.row && from.folder !== to.folder);
    });
    expect(wrong).toEqual([]);
  });

  test("of the events folder are pure: no I/O", () => {
    const wrong = imports.filter(({ file, target }) => {
      return file.startsWith("src/events/") && target.startsWith("node:") && target !== "node:crypto";
    });
    expect(wrong).toEqual([]);
  });

  test("of client-node at run time stand in src/kube only", () => {
    const wrong = imports.filter(({ file, target, isType }) => {
      return target.startsWith("@kubernetes/") && !isType && !file.startsWith("src/kube/");
    });
    expect(wrong).toEqual([]);
  });

  test("of commands are declarations only: logic is loaded when it runs", () => {
    const declarations =
      /^(commander|src\/util\/errors\.ts|src\/cli\/(collect|exit-codes|global-flags|session)\.ts|src\/commands\/[\w-]+\.ts)$/;
    const wrong = imports.filter(({ file, target, isType, isDynamic }) => {
      return file.startsWith("src/commands/") && !isType && !isDynamic && !declarations.test(target);
    });
    expect(wrong).toEqual([]);
  });
});

test("only the command line touches the process", () => {
  const use = /\bprocess\.(exit|exitCode|argv|stdin|stdout|stderr|cwd|on|kill|chdir)\b/;
  const wrong = files.filter(
    (file) => use.test(code(file)) && file !== "src/cli/run.ts" && !file.startsWith("src/build/"),
  );
  expect(wrong).toEqual([]);
});

function rowOf(file: string): { row: number; folder: string } | undefined {
  const folder = /^src\/([^/]+)\//.exec(file)?.[1] ?? "";
  const row = rows.findIndex((folders) => folders.includes(folder));
  return row === -1 ? undefined : { row, folder };
}

function code(file: string): string {
  return readFileSync(join(root, file), "utf8").replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, "");
}

function importsOf(file: string): Import[] {
  const text = code(file);
  const statics = [...text.matchAll(/^(?:import|export)\s(type\s)?([^;"]*?from\s)?"([^"]+)"/gm)].map(
    ([, type, , target = ""]) => ({
      file,
      target: resolved(file, target),
      isType: type !== undefined,
      isDynamic: false,
    }),
  );
  const dynamics = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, target = ""]) => ({
    file,
    target: resolved(file, target),
    isType: false,
    isDynamic: true,
  }));
  return [...statics, ...dynamics];
}

function resolved(file: string, target: string): string {
  return target.startsWith(".") ? normalize(join(dirname(file), target)) : target;
}
