import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { needProgram } from "./need-program.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-programs-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function makeProgram(...path: string[]): Promise<string> {
  const file = join(folder, ...path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, "");
  await chmod(file, 0o755);
  return file;
}

test("a program that is missing is an error with the line that installs it", () => {
  expect(() => needProgram("kev-none", "apt-get install kev-none", [folder])).toThrow(
    "kev-none is missing, and these tests need it: apt-get install kev-none",
  );
});

test("of several versions the newest is taken", async () => {
  await makeProgram("9", "bin", "kev-none");
  const newest = await makeProgram("15", "bin", "kev-none");
  expect(needProgram("kev-none", "", [join(folder, "*", "bin")])).toBe(newest);
});

test("the PATH comes first", () => {
  expect(needProgram("sh", "", [folder])).toMatch(/\/bin\/sh$/);
});
