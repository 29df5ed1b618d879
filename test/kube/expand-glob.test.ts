import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { expandGlob } from "../../src/kube/expand-glob.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "kev-glob-"));
  for (const path of ["a.yaml", "b.yaml", ".c.yaml", "😀.yaml", "x*.yaml", "p/q/one", "p/r/one", "p/r/two", "p/file"]) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(join(cwd, path), "");
  }
});
afterAll(() => rm(cwd, { recursive: true }));

describe("expandGlob", () => {
  test.each([
    ["*.yaml", [".c.yaml", "a.yaml", "b.yaml", "x*.yaml", "😀.yaml"]],
    ["?.yaml", ["a.yaml", "b.yaml", "😀.yaml"]],
    ["[ab].yaml", ["a.yaml", "b.yaml"]],
    ["[^a-b].yaml", ["😀.yaml"]],
    ["[b-a].yaml", []],
    ["[a\\-b].yaml", ["a.yaml", "b.yaml"]],
    ["x\\*.yaml", ["x*.yaml"]],
    ["a+.yaml*", []],
    ["p/*/one", ["p/q/one", "p/r/one"]],
    ["*/r/t*", ["p/r/two"]],
    ["p//*/", ["p/file", "p/q", "p/r"]],
    ["./p/[q]", ["p/q"]],
    ["a.yaml/*", []],
    ["a.yaml", []],
    ["none/*", []],
  ])("%s", async (pattern, expected) => {
    expect(await expandGlob(pattern, cwd)).toEqual(expected);
  });

  test("an absolute pattern stays one", async () => {
    expect(await expandGlob(`${cwd}/p/r/*`, "/")).toEqual([`${cwd}/p/r/one`, `${cwd}/p/r/two`]);
  });

  test.each(["[", "[]", "[]a]", "[a", "[a-]", "[-a]", "x\\", "[^]", "none/[", "[a\\"])(
    "%s is malformed",
    async (pattern) => {
      await expect(expandGlob(pattern, cwd)).rejects.toMatchObject({
        kind: "usage",
        message: `pattern ${JSON.stringify(pattern)} is not valid: syntax error in pattern`,
      });
    },
  );
});
