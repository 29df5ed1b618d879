import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openSqliteStore } from "../../../src/route/store/sqlite-store.ts";
import { openLibsql, openSqlite } from "../../../src/store/sqlite-database.ts";
import { testStore } from "./store-contract.ts";

const places: [string, typeof openSqlite][] = [
  ["in a file", openSqlite],
  ["in a file, on Node before 24", openLibsql],
];
for (const [name, openDatabase] of places) {
  testStore(name, true, async () => {
    const folder = await mkdtemp(join(tmpdir(), "kev-store-"));
    return {
      open: () => openSqliteStore(join(folder, "deep", "state.db"), openDatabase),
      remove: () => rm(folder, { recursive: true }),
    };
  });
}

describe("a state file", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kev-store-"));
    file = join(folder, "state.db");
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("is its user's alone", async () => {
    await (await openSqliteStore(file)).close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test.each(places)("%s is used by one router at a time", async (_where, openDatabase) => {
    const store = await openSqliteStore(file, openDatabase);
    await expect(openSqliteStore(file, openDatabase)).rejects.toMatchObject({
      kind: "usage",
      message: `state ${file} is in use by another process`,
      hint: "a second router needs a state of its own: --state FILE",
    });
    await store.close();
    await (await openSqliteStore(file, openDatabase)).close();
  });

  test.each([
    ["that is text", "not a database, but long enough to be taken for the head of one".repeat(20)],
    ["that is short", "x"],
  ])("%s is refused and left as it is", async (_what, text) => {
    await writeFile(file, text);
    await expect(openSqliteStore(file)).rejects.toMatchObject({
      kind: "usage",
      message: `state ${file} is damaged, or none of kev's`,
    });
  });

  test("of something else is refused", async () => {
    const database = await openSqlite(file);
    database.exec("CREATE TABLE notes (text TEXT)");
    database.close();
    await expect(openSqliteStore(file)).rejects.toMatchObject({ message: `state ${file} is none of kev's` });
  });

  test("of a later kev is refused", async () => {
    const database = await openSqlite(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    await expect(openSqliteStore(file)).rejects.toMatchObject({ message: `state ${file} is of a later kev` });
  });

  test("in a folder that cannot be made is refused", async () => {
    await writeFile(file, "");
    await expect(openSqliteStore(join(file, "state.db"))).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining("the state cannot be kept: "),
    });
  });
});
