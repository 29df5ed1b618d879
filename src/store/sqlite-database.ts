import { usageError } from "../util/errors.ts";
import { errorCode } from "../util/file-error.ts";

export type SqliteValue = string | number | null;
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** What kev uses of SQLite: the part that node:sqlite and libsql have in common. Everything is synchronous. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

export interface SqliteStatement {
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
  run(...values: SqliteValue[]): unknown;
}

/**
 * Opens the file with the SQLite that Node has from 24 on, and with the package libsql before: the file is the same.
 *
 * @throws usage error when neither is there, and what SQLite throws
 */
export async function openSqlite(file: string): Promise<SqliteDatabase> {
  // Node 22 has it too, but says on stderr that it is an experiment.
  if (Number.parseInt(process.versions.node, 10) >= 24) {
    const { DatabaseSync } = await import("node:sqlite");
    return new DatabaseSync(file);
  }
  return openLibsql(file);
}

/** @throws usage error when libsql is not installed, and what SQLite throws */
export async function openLibsql(file: string): Promise<SqliteDatabase> {
  const { default: Database } = await importLibsql();
  const database = new Database(file) as SqliteDatabase;
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => database.prepare(sql),
    close: () => {
      // libsql's own close leaves the lock until the last statement is collected. What is held exclusively with a
      // write-ahead log can only be let go without one: https://www.sqlite.org/pragma.html#pragma_locking_mode
      try {
        database.exec("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_master");
      } catch {
        // The disk may be full. The lock ends with the process.
      }
      database.close();
    },
  };
}

async function importLibsql(): Promise<{ default: new (file: string) => unknown }> {
  const name = "libsql";
  try {
    return (await import(name)) as { default: new (file: string) => unknown };
  } catch (cause) {
    if (errorCode(cause) !== "ERR_MODULE_NOT_FOUND" && errorCode(cause) !== "MODULE_NOT_FOUND") throw cause;
    throw usageError(`state in a file needs the package ${name} on Node ${process.versions.node}`, {
      hint: `npm install ${name}, run kev with Node 24 or later, or pass --state none`,
      cause,
    });
  }
}

/** SQLite's name of an error, without what it was about: `SQLITE_IOERR`; empty for what is no error of SQLite's. */
export function sqliteCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  // libsql gives the longer names: SQLITE_IOERR_WRITE.
  const [name] = /^SQLITE_[A-Z]+/.exec(errorCode(error)) ?? [];
  if (name !== undefined) return name;
  const number = "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0;
  return names[number] ?? "";
}

// Source: https://www.sqlite.org/rescode.html
const names: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  26: "SQLITE_NOTADB",
};
