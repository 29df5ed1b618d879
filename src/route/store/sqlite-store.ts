import { deliveryJson } from "../../sinks/delivery-json.ts";
import {
  closeStateFile,
  guarded,
  inTransaction,
  openStateFile,
  type StateFileFormat,
} from "../../store/open-state-file.ts";
import { openSqlite, type SqliteDatabase, type SqliteRow } from "../../store/sqlite-database.ts";
import { passedRanges } from "./passed-ranges.ts";
import {
  type Checkpoint,
  fitting,
  type KnownEvent,
  type QueuedDelivery,
  type Repeat,
  type RouteStore,
  type StoreChange,
  type StoreIdentity,
  type StoreState,
} from "./route-store.ts";

// Targets are JSON, sink → delta. A row stays until every sink in it has taken it.
const tables = `
CREATE TABLE known (uid TEXT PRIMARY KEY, version TEXT NOT NULL, count INTEGER NOT NULL, seen_at INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE queue (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, targets TEXT NOT NULL, bytes INTEGER NOT NULL,
  delivery TEXT NOT NULL);
CREATE TABLE cursors (sink TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE repeats (uid TEXT NOT NULL, route TEXT NOT NULL, at INTEGER NOT NULL, held INTEGER NOT NULL,
  PRIMARY KEY (uid, route)) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`;

const format: StateFileFormat = {
  tables,
  version: 1,
  applicationId: 0,
  hints: {
    SQLITE_BUSY: "a second router needs a state of its own: --state FILE",
    SQLITE_CORRUPT:
      "move it away to begin anew: what the server still holds is delivered again, with the same ids as before",
    SQLITE_NOTADB: "--state names another file",
  },
};

/**
 * A store in one SQLite file, which is made when it is not there, readable for its user only. The file is locked while it
 * is open; a process that is killed leaves no lock behind.
 *
 * @param openDatabase for tests
 * @throws usage error for a file that is in use, damaged, or none of kev's; StoreError later
 */
export async function openSqliteStore(file: string, openDatabase = openSqlite): Promise<RouteStore> {
  return await openStateFile(file, format, (database) => createStore(database, file), openDatabase);
}

function createStore(database: SqliteDatabase, file: string): RouteStore {
  const sql = (text: string) => database.prepare(text);
  const known = sql("SELECT uid, version, count, seen_at FROM known WHERE uid = ?");
  const knownAfter = sql("SELECT uid, version, count, seen_at FROM known WHERE uid > ? ORDER BY uid LIMIT ?");
  const setKnown = sql(
    `INSERT INTO known VALUES (?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE
     SET version = excluded.version, count = excluded.count, seen_at = excluded.seen_at`,
  );
  const forget = sql("DELETE FROM known WHERE uid = ?");
  const forgetRepeats = sql("DELETE FROM repeats WHERE uid = ?");
  const enqueue = sql("INSERT INTO queue VALUES (?, ?, ?, ?, ?)");
  const setCursor = sql(
    "INSERT INTO cursors VALUES (?, ?) ON CONFLICT (sink) DO UPDATE SET sequence = excluded.sequence",
  );
  const removeCursor = sql("DELETE FROM cursors WHERE sink = ?");
  const letGo = sql(
    `DELETE FROM queue WHERE sequence > ? AND sequence <= ? AND NOT EXISTS (
       SELECT 1 FROM json_each(targets) AS target JOIN cursors ON cursors.sink = target.key
       WHERE queue.sequence > cursors.sequence)`,
  );
  const letAllGo = sql("DELETE FROM queue WHERE sequence <= ?");
  const repeat = sql("SELECT uid, route, at, held FROM repeats WHERE uid = ? AND route = ?");
  const setRepeat = sql(
    "INSERT INTO repeats VALUES (?, ?, ?, ?) ON CONFLICT (uid, route) DO UPDATE SET at = excluded.at, held = excluded.held",
  );
  const setState = sql("INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  const getState = sql("SELECT value FROM state WHERE name = ?");
  const allCursors = sql("SELECT sink, sequence FROM cursors");
  const lastQueued = sql("SELECT max(sequence) AS sequence FROM queue");
  const isFor = "EXISTS (SELECT 1 FROM json_each(targets) WHERE key = ?)";
  const sizes = sql(`SELECT sequence, bytes FROM queue WHERE sequence > ? AND ${isFor} ORDER BY sequence LIMIT ?`);
  const queued = sql(
    `SELECT sequence, at, targets, bytes, delivery FROM queue
     WHERE sequence > ? AND sequence <= ? AND ${isFor} ORDER BY sequence`,
  );
  const backlog = sql(
    `SELECT key AS sink, count(*) AS events, sum(bytes) AS bytes, min(at) AS oldest FROM queue, json_each(targets)
     JOIN cursors ON cursors.sink = key WHERE queue.sequence > cursors.sequence GROUP BY key`,
  );

  function stateOf<T>(name: string): T | undefined {
    const row = getState.get(name) as SqliteRow | undefined;
    return row && (JSON.parse(String(row.value)) as T);
  }

  function write(change: StoreChange): void {
    for (const event of change.known ?? []) setKnown.run(event.uid, event.resourceVersion, event.count, event.seenAt);
    for (const uid of change.forgotten ?? []) {
      forget.run(uid);
      forgetRepeats.run(uid);
    }
    for (const { sequence, at, targets, bytes, delivery } of change.queued ?? []) {
      enqueue.run(sequence, at, JSON.stringify(targets), bytes, deliveryJson(delivery));
    }
    const last = change.queued?.at(-1);
    if (last) setState.run("lastSequence", String(last.sequence));
    for (const { uid, route, at, held } of change.repeats ?? []) setRepeat.run(uid, route, at, held);
    if (change.cursors || change.removed) moveCursors(change.cursors ?? {}, change.removed ?? []);
    if (change.checkpoint) {
      setState.run("checkpoint", JSON.stringify({ ...stateOf<Checkpoint>("checkpoint"), ...change.checkpoint }));
    }
    if (change.identity) setState.run("identity", JSON.stringify(change.identity));
  }

  function moveCursors(moved: Readonly<Record<string, number>>, removed: readonly string[]): void {
    const before = cursorsOf(allCursors.all());
    for (const [sink, sequence] of Object.entries(moved)) setCursor.run(sink, sequence);
    for (const sink of removed) removeCursor.run(sink);
    const last = lastSequence();
    const least = Math.min(last, ...Object.values(cursorsOf(allCursors.all())));
    letAllGo.run(least);
    for (const [after, to] of passedRanges({ before, moved, removed, last })) {
      if (to > least) letGo.run(Math.max(after, least), to);
    }
  }

  function lastSequence(): number {
    return Math.max(stateOf<number>("lastSequence") ?? 0, Number((lastQueued.get() as SqliteRow).sequence ?? 0));
  }

  const reading = <T>(run: () => T): Promise<T> => guarded("read", file, run);

  return {
    isKept: true,
    load: () =>
      reading((): StoreState => {
        return {
          checkpoint: stateOf<Checkpoint>("checkpoint") ?? {},
          identity: stateOf<StoreIdentity>("identity"),
          lastSequence: lastSequence(),
          cursors: cursorsOf(allCursors.all()),
        };
      }),
    commit: (change) => guarded("write", file, () => inTransaction(database, () => write(change))),
    known: (uids) =>
      reading(() => {
        const found = new Map<string, KnownEvent>();
        for (const uid of uids) {
          const row = known.get(uid) as SqliteRow | undefined;
          if (row) found.set(uid, knownOf(row));
        }
        return found;
      }),
    knownAfter: (after, limit) => reading(() => (knownAfter.all(after, limit) as SqliteRow[]).map(knownOf)),
    repeat: (uid, route) =>
      reading(() => {
        const row = repeat.get(uid, route) as SqliteRow | undefined;
        return row && repeatOf(row);
      }),
    queued: (sink, after, limit) =>
      reading(() => {
        // What one page holds has to fit into memory, and events may be large.
        const page = sizes.all(after, sink, limit.events) as { sequence: number; bytes: number }[];
        const last = page[fitting(page, limit) - 1];
        return last === undefined ? [] : (queued.all(after, last.sequence, sink) as SqliteRow[]).map(queuedOf);
      }),
    backlog: () =>
      reading(() => {
        const rows = backlog.all() as SqliteRow[];
        const one = ({ sink, events, bytes, oldest }: SqliteRow) =>
          [String(sink), { events: Number(events), bytes: Number(bytes), oldestAt: Number(oldest) }] as const;
        return new Map(rows.map(one));
      }),
    close: async () => closeStateFile(database),
  };
}

function cursorsOf(rows: unknown[]): Record<string, number> {
  return Object.fromEntries((rows as SqliteRow[]).map(({ sink, sequence }) => [String(sink), Number(sequence)]));
}

function knownOf({ uid, version, count, seen_at }: SqliteRow): KnownEvent {
  return { uid: String(uid), resourceVersion: String(version), count: Number(count), seenAt: Number(seen_at) };
}

function repeatOf({ uid, route, at, held }: SqliteRow): Repeat {
  return { uid: String(uid), route: String(route), at: Number(at), held: Number(held) };
}

function queuedOf({ sequence, at, targets, bytes, delivery }: SqliteRow): QueuedDelivery {
  return {
    sequence: Number(sequence),
    at: Number(at),
    targets: JSON.parse(String(targets)) as QueuedDelivery["targets"],
    bytes: Number(bytes),
    delivery: JSON.parse(String(delivery)) as QueuedDelivery["delivery"],
  };
}
