import {
  closeStateFile,
  guarded,
  inTransaction,
  openStateFile,
  type StateFileFormat,
} from "../store/open-state-file.ts";
import { openSqlite, type SqliteDatabase, type SqliteRow } from "../store/sqlite-database.ts";
import type { KnownObject, OutboxEntry, TrackChange, TrackState, TrackStore } from "./track-store.ts";

// Of what is known, `object` is JSON; `due_at` is null where no change waits.
const format: StateFileFormat = {
  tables: `
CREATE TABLE known (type TEXT NOT NULL, uid TEXT NOT NULL, due_at INTEGER, object TEXT NOT NULL, PRIMARY KEY (type, uid))
  WITHOUT ROWID;
CREATE INDEX due ON known (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, seen_at INTEGER NOT NULL, event TEXT NOT NULL);
CREATE TABLE marks (type TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
  version: 1,
  // "kevt"
  applicationId: 0x6b657674,
  hints: {
    SQLITE_BUSY: "a second tracker needs a state of its own: --state FILE",
    SQLITE_CORRUPT: "move it away to begin anew: what has changed since is then not told",
    SQLITE_NOTADB: "--state names another file",
  },
};

/**
 * A store in one SQLite file, which is made when it is not there, readable for its user only. The file is locked while it
 * is open; a process that is killed leaves no lock behind.
 *
 * @param openDatabase for tests
 * @throws usage error for a file that is in use, damaged, or none of a tracker's; StoreError later
 */
export async function openSqliteTrackStore(file: string, openDatabase = openSqlite): Promise<TrackStore> {
  return await openStateFile(file, format, (database) => createStore(database, file), openDatabase);
}

function createStore(database: SqliteDatabase, file: string): TrackStore {
  const sql = (text: string) => database.prepare(text);
  const known = sql("SELECT object FROM known WHERE type = ? AND uid = ?");
  const setKnown = sql(
    `INSERT INTO known VALUES (?, ?, ?, ?) ON CONFLICT (type, uid) DO UPDATE
     SET due_at = excluded.due_at, object = excluded.object`,
  );
  const forget = sql("DELETE FROM known WHERE type = ? AND uid = ?");
  const uidsAfter = sql("SELECT uid FROM known WHERE type = ? AND uid > ? ORDER BY uid LIMIT ?");
  const due = sql(
    `SELECT object FROM known WHERE due_at IS NOT NULL AND (due_at <= ? OR due_at > ?) ORDER BY due_at LIMIT ?`,
  );
  const groups = sql("SELECT count(*) AS count, min(due_at) AS first FROM known WHERE due_at IS NOT NULL");
  const enqueue = sql("INSERT INTO outbox VALUES (?, ?, ?)");
  const remove = sql("DELETE FROM outbox WHERE sequence = ?");
  const outbox = sql("SELECT sequence, seen_at, event FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?");
  const waiting = sql("SELECT count(*) AS count, min(seen_at) AS oldest FROM outbox");
  const setMark = sql("INSERT INTO marks VALUES (?, ?) ON CONFLICT (type) DO UPDATE SET mark = excluded.mark");
  const marks = sql("SELECT type, mark FROM marks");
  const setState = sql("INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  const getState = sql("SELECT value FROM state WHERE name = ?");

  function stateOf<T>(name: string): T | undefined {
    const row = getState.get(name) as SqliteRow | undefined;
    return row && (JSON.parse(String(row.value)) as T);
  }

  function write(change: TrackChange): void {
    for (const object of change.known ?? []) {
      setKnown.run(object.type, object.uid, object.group?.dueAt ?? null, JSON.stringify(object));
    }
    for (const { type, uid } of change.forgotten ?? []) forget.run(type, uid);
    for (const { sequence, seenAt, event } of change.queued ?? []) enqueue.run(sequence, seenAt, JSON.stringify(event));
    for (const sequence of change.sent ?? []) remove.run(sequence);
    for (const [type, mark] of Object.entries(change.marks ?? {})) setMark.run(type, mark);
    const { identity, visibilities, hashKey, followedAt } = change;
    const parts = { identity, visibilities, followedAt, hashKey, lastSequence: change.queued?.at(-1)?.sequence };
    for (const [name, part] of Object.entries(parts)) if (part !== undefined) setState.run(name, JSON.stringify(part));
  }

  const reading = <T>(run: () => T): Promise<T> => guarded("read", file, run);
  const numberOf = (value: SqliteRow[string] | undefined): number | undefined =>
    value === null || value === undefined ? undefined : Number(value);
  const objectOf = ({ object }: SqliteRow): KnownObject => JSON.parse(String(object)) as KnownObject;

  return {
    isKept: true,
    load: () =>
      reading((): TrackState => {
        const rows = marks.all() as SqliteRow[];
        return {
          identity: stateOf("identity"),
          marks: Object.fromEntries(rows.map(({ type, mark }) => [String(type), String(mark)])),
          followedAt: stateOf("followedAt") ?? {},
          visibilities: stateOf("visibilities") ?? [],
          hashKey: stateOf("hashKey"),
          lastSequence: stateOf("lastSequence") ?? 0,
        };
      }),
    commit: (change) => guarded("write", file, () => inTransaction(database, () => write(change))),
    known: (type, uid) =>
      reading(() => {
        const row = known.get(type, uid) as SqliteRow | undefined;
        return row && objectOf(row);
      }),
    uidsAfter: (type, after, limit) =>
      reading(() => (uidsAfter.all(type, after, limit) as SqliteRow[]).map(({ uid }) => String(uid))),
    due: ({ until, beyond = Number.MAX_SAFE_INTEGER }, limit) =>
      reading(() => (due.all(until, beyond, limit) as SqliteRow[]).map(objectOf)),
    groups: () =>
      reading(() => {
        const row = groups.get() as SqliteRow;
        return { count: Number(row.count), firstDueAt: numberOf(row.first) };
      }),
    outbox: (after, limit) =>
      reading(() =>
        (outbox.all(after, limit) as SqliteRow[]).map(
          ({ sequence, seen_at, event }): OutboxEntry => ({
            sequence: Number(sequence),
            seenAt: Number(seen_at),
            event: JSON.parse(String(event)) as OutboxEntry["event"],
          }),
        ),
      ),
    waiting: () =>
      reading(() => {
        const row = waiting.get() as SqliteRow;
        return { count: Number(row.count), oldestAt: numberOf(row.oldest) };
      }),
    close: async () => closeStateFile(database),
  };
}
