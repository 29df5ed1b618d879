import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { KevError, usageError } from "../util/errors.ts";
import { errorMessage, fileErrorText } from "../util/file-error.ts";
import { makeFolder } from "../util/make-folder.ts";
import { openSqlite, type SqliteDatabase, type SqliteRow, sqliteCode } from "./sqlite-database.ts";
import { StoreError } from "./store-error.ts";

/** What a program keeps in its file of state. */
export interface StateFileFormat {
  /** Statements that make the tables of a new file. */
  readonly tables: string;
  /** Of the tables; counts up from 1. */
  readonly version: number;
  /** SQLite's application_id, which tells the programs' files apart; the router's is 0. */
  readonly applicationId: number;
  /** What to do next, by SQLite's name of what is wrong. */
  readonly hints: Readonly<Record<string, string>>;
}

/**
 * Opens a program's state, one SQLite file, which is made when it is not there, readable for its user only. The file is
 * locked while it is open; a process that is killed leaves no lock behind.
 *
 * @param openDatabase for tests
 * @throws usage error for a file that is in use, damaged, or none of this program's
 */
export async function openStateFile<T>(
  file: string,
  format: StateFileFormat,
  use: (database: SqliteDatabase) => T,
  openDatabase = openSqlite,
): Promise<T> {
  await makeFile(file);
  const database = await openDatabase(file);
  try {
    prepareDatabase(database, file, format);
    return use(database);
  } catch (error) {
    database.close();
    if (error instanceof KevError) throw error;
    const code = sqliteCode(error);
    throw usageError(openProblem(code, file) ?? `state ${file} cannot be used: ${errorMessage(error)}`, {
      hint: format.hints[code],
      cause: error,
    });
  }
}

/** Runs what writes as one change: whole or not at all, and on the disk when it returns. */
export function inTransaction(database: SqliteDatabase, write: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    write();
    database.exec("COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** Lets go of the file, cut to what it holds. */
export function closeStateFile(database: SqliteDatabase): void {
  try {
    database.exec("PRAGMA incremental_vacuum");
  } catch {
    // The file stays as large as it is: on a full disk there may be no room to make it smaller.
  }
  database.close();
}

/** What `run` returns, as a promise; what SQLite throws becomes a StoreError. */
export function guarded<T>(doing: "read" | "write", file: string, run: () => T): Promise<T> {
  try {
    return Promise.resolve(run());
  } catch (cause) {
    return Promise.reject(storeError(doing, file, cause));
  }
}

/** Source: https://www.sqlite.org/fileformat2.html */
const header = "SQLite format 3\0";

async function makeFile(file: string): Promise<void> {
  try {
    await makeFolder(dirname(file), 0o700);
    const handle = await open(file, "a+", 0o600);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(header.length), 0, header.length, 0);
      // SQLite takes a file that is shorter than a page for a new one, and would write over it.
      if (bytesRead > 0 && buffer.toString("latin1") !== header) throw foreign(file);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof KevError) throw cause;
    throw usageError(`the state cannot be kept: ${fileErrorText("open", file, cause)}`, {
      hint: "--state names another file; with --state none nothing is remembered",
      cause,
    });
  }
}

function prepareDatabase(database: SqliteDatabase, file: string, format: StateFileFormat): void {
  const { tables, version, applicationId } = format;
  const pragma = (name: string): number =>
    Number((database.prepare(`PRAGMA ${name}`).get() as SqliteRow | undefined)?.[name]);
  // With an exclusive lock the write-ahead log needs no shared memory, which network file systems do not have.
  database.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = INCREMENTAL");
  database.exec("PRAGMA journal_mode = WAL");
  // A commit is on the disk when it returns, also when the power fails.
  database.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${16 * 2 ** 20}`);
  database.exec("BEGIN IMMEDIATE");
  const [found, owner] = [pragma("user_version"), pragma("application_id")];
  const isEmpty = database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() === undefined;
  if (found === 0 && isEmpty) {
    database.exec(`${tables}\nPRAGMA application_id = ${applicationId};\nPRAGMA user_version = ${version};`);
  } else if (found !== version || owner !== applicationId) {
    throw usageError(`state ${file} is ${whoseFile(owner === applicationId, found, version)}`, {
      hint: "--state names another file",
    });
  }
  database.exec("COMMIT");
}

function whoseFile(isOwn: boolean, found: number, version: number): string {
  if (!isOwn && found > 0) return "of another program";
  return found > version ? "of a later kev" : "none of kev's";
}

function foreign(file: string): KevError {
  return usageError(`state ${file} is damaged, or none of kev's`, { hint: "--state names another file" });
}

function openProblem(code: string, file: string): string | undefined {
  if (code === "SQLITE_BUSY" || code === "SQLITE_LOCKED") return `state ${file} is in use by another process`;
  if (code === "SQLITE_CORRUPT" || code === "SQLITE_NOTADB") return `state ${file} is damaged, or none of kev's`;
  if (code === "SQLITE_READONLY") return `state ${file} may not be written`;
  return undefined;
}

// After some failures SQLite has rolled back by itself.
function rollBack(database: SqliteDatabase): void {
  try {
    database.exec("ROLLBACK");
  } catch {}
}

function storeError(doing: "read" | "write", file: string, cause: unknown): StoreError {
  const code = sqliteCode(cause);
  const isFull = code === "SQLITE_FULL" || code === "SQLITE_IOERR";
  const problem = code === "SQLITE_FULL" ? "the disk is full" : errorMessage(cause);
  return new StoreError(`cannot ${doing} the state ${file}: ${problem}`, {
    retriable: isFull || code === "SQLITE_BUSY",
    hint: code === "SQLITE_FULL" ? "make room; nothing is lost meanwhile that the server still holds" : undefined,
    cause,
  });
}
