import { describe, expect, test } from "@jest/globals";
import { sqliteCode } from "../../src/store/sqlite-database.ts";

describe("sqliteCode names an error, not what it was about", () => {
  test.each([
    ["of libsql", { code: "SQLITE_FULL" }, "SQLITE_FULL"],
    ["of libsql, in its longer form", { code: "SQLITE_IOERR_WRITE" }, "SQLITE_IOERR"],
    ["of Node", { code: "ERR_SQLITE_ERROR", errcode: 13 }, "SQLITE_FULL"],
    ["of Node, in its longer form", { code: "ERR_SQLITE_ERROR", errcode: 778 }, "SQLITE_IOERR"],
    ["of Node, without a name here", { code: "ERR_SQLITE_ERROR", errcode: 1 }, ""],
    ["of others", { code: "ENOENT" }, ""],
    ["that is a text", "SQLITE_FULL", ""],
  ])("%s", (_what, error, code) => expect(sqliteCode(error)).toBe(code));
});
