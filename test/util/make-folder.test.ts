import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { makeFolder } from "../../src/util/make-folder.ts";

describe("a folder", () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "kev-folder-"));
  });
  afterEach(() => rm(base, { recursive: true }));

  test("is made with those above it, once or again", async () => {
    const folder = join(base, "a", "b", "c");
    await Promise.all([makeFolder(folder, 0o700), makeFolder(folder, 0o700)]);
    await makeFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test("below a file is refused", async () => {
    await writeFile(join(base, "file"), "");
    await expect(makeFolder(join(base, "file", "a", "b"))).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  test("where nothing can be made is refused, and not tried for ever", async () => {
    await expect(makeFolder("/proc/kev/a")).rejects.toThrow("ENOENT");
  });
});
