import { deliveryJson } from "../../sinks/delivery-json.ts";
import { StoreError } from "../../store/store-error.ts";
import type { Clock } from "../../util/clock.ts";
import { passedRanges } from "./passed-ranges.ts";
import type { PostgresPlace, PostgresRow } from "./postgres-connection.ts";
import { leasePostgres, type PostgresSession } from "./postgres-lease.ts";
import { quoteIdentifier } from "./postgres-tables.ts";
import type { KnownEvent, QueuedDelivery, Repeat, RouteStore, StoreChange, StoreState } from "./route-store.ts";

export interface PostgresStoreOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`, as the package pg reads it. */
  readonly url: string;
  /** Of the router: each has a state of its own, and many may share a database. */
  readonly name: string;
  /** The schema that the tables are in; made when it is missing. Default `kev`. */
  readonly schema?: string | undefined;
  /** `PGPASSWORD` is taken where the URL has no password. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds to wait for another router that has the state now, such as a leader that is ending. Default 0. */
  readonly patience?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A store in a PostgreSQL database, for replicas that share no volume. One router at a time has it; a former one whose
 * session was lost can change nothing more.
 *
 * A commit whose answer was lost fails as retriable, and nobody knows whether it is stored. Given the same change again, it
 * finds out. So a caller must try until it is done, or end. Needs sessions of its own: a pooler that shares them between
 * transactions is refused. Rights: CREATE on the database, or on a schema that is there and empty.
 *
 * @throws usage error where the state is in use, the database refuses us, its tables are of a later kev, or the package pg
 *   is not installed; `unreachable` when there is no answer
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<RouteStore> {
  const schema = quoteIdentifier(options.schema ?? "kev");
  const place: PostgresPlace = { url: options.url, env: options.env, application: `kev route ${options.name}` };
  const { name, patience = 0, clock, signal } = options;
  const lease = await leasePostgres({ ...place, name, schema, patience, clock, signal });
  const { router, term } = lease;
  const sql = statements(schema);
  /** Number of the last change, as far as is known. */
  let changes = await lease.use("read", async (session) => session.changes);
  /** A change of which nobody knows whether it is stored. */
  let doubtful: StoreChange | undefined;

  async function commit(session: PostgresSession, change: StoreChange): Promise<void> {
    if (await isStored(session, change)) return;
    try {
      await session.query("BEGIN");
      await write(session, change);
      await session.query("COMMIT");
      changes++;
    } catch (error) {
      if (session.isLost) doubtful = change;
      else await session.query("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  /** The lock is only free once the former session has ended, so what it left undone stays undone. */
  async function isStored(session: PostgresSession, change: StoreChange): Promise<boolean> {
    if (!doubtful) return false;
    const wasStored = session.changes === changes + 1;
    if (wasStored && doubtful !== change) {
      throw new StoreError("a change of the state that failed was stored all the same", { retriable: false });
    }
    doubtful = undefined;
    if (wasStored) changes++;
    return wasStored;
  }

  async function write({ query, backend }: PostgresSession, change: StoreChange): Promise<void> {
    const { known = [], forgotten = [], queued = [], cursors = {}, removed = [], repeats = [] } = change;
    const { checkpoint = {}, identity } = change;
    // First, for it locks the row: from here on nobody takes over before this is stored, or is not.
    const [own] = await query(sql.advance, [
      ...[router, term, changes + 1, queued.at(-1)?.sequence, checkpoint.mark, checkpoint.aliveAt],
      ...[identity?.cluster, identity?.namespace],
    ]);
    if (!own) throw lease.takenOver();
    if (own.backend !== backend) throw pooled();
    if (known.length > 0) {
      // Each row may be written once in a statement.
      const events = [...new Map(known.map((event) => [event.uid, event])).values()];
      await query(sql.setKnown, [
        ...[router, events.map(({ uid }) => uid), events.map(({ resourceVersion }) => resourceVersion)],
        ...[events.map(({ count }) => count), events.map(({ seenAt }) => seenAt)],
      ]);
    }
    if (forgotten.length > 0) {
      await query(sql.forget, [router, forgotten]);
      await query(sql.forgetRepeats, [router, forgotten]);
    }
    if (queued.length > 0) {
      await query(sql.enqueue, [
        ...[router, queued.map(({ sequence }) => sequence), queued.map(({ at }) => at)],
        ...[queued.map(({ targets }) => JSON.stringify(targets)), queued.map(({ bytes }) => bytes)],
        queued.map(({ delivery }) => deliveryJson(delivery)),
      ]);
    }
    if (repeats.length > 0) {
      const last = [...new Map(repeats.map((repeat) => [`${repeat.uid} ${repeat.route}`, repeat])).values()];
      await query(sql.setRepeats, [
        ...[router, last.map(({ uid }) => uid), last.map(({ route }) => route)],
        ...[last.map(({ at }) => at), last.map(({ held }) => held)],
      ]);
    }
    if (Object.keys(cursors).length > 0 || removed.length > 0) await moveCursors(query, cursors, removed);
  }

  async function moveCursors(
    query: PostgresSession["query"],
    moved: Readonly<Record<string, number>>,
    removed: readonly string[],
  ): Promise<void> {
    const before = cursorsOf(await query(sql.cursors, [router]));
    await query(sql.setCursors, [router, Object.keys(moved), Object.values(moved)]);
    if (removed.length > 0) await query(sql.removeCursors, [router, removed]);
    const [row] = await query(sql.load, [router]);
    const last = Number(row?.last_sequence);
    const least = Math.min(last, ...Object.values(cursorsOf(await query(sql.cursors, [router]))));
    await query(sql.letAllGo, [router, least]);
    for (const [after, to] of passedRanges({ before, moved, removed, last })) {
      if (to > least) await query(sql.letGo, [router, Math.max(after, least), to]);
    }
  }

  function pooled(): StoreError {
    return new StoreError("the connection to PostgreSQL goes through a pooler that changes its session", {
      retriable: false,
      hint: "connect to the server itself, or let the pooler keep sessions (pool_mode=session)",
    });
  }

  const read = <T>(run: (query: PostgresSession["query"]) => Promise<T>): Promise<T> =>
    lease.use("read", ({ query }) => run(query));

  return {
    isKept: true,
    load: () =>
      read(async (query): Promise<StoreState> => {
        const [row] = await query(sql.load, [router]);
        const { mark, alive_at: aliveAt, cluster, namespace } = row ?? {};
        return {
          checkpoint: {
            ...(typeof mark === "string" && { mark }),
            ...(typeof aliveAt === "string" && { aliveAt: Number(aliveAt) }),
          },
          identity: typeof cluster === "string" ? { cluster, namespace: String(namespace) } : undefined,
          lastSequence: Number(row?.last_sequence),
          cursors: cursorsOf(await query(sql.cursors, [router])),
        };
      }),
    commit: (change) => lease.use("write", (session) => commit(session, change)),
    known: (uids) =>
      read(
        async (query) => new Map((await query(sql.known, [router, uids])).map(knownOf).map((one) => [one.uid, one])),
      ),
    knownAfter: (after, limit) =>
      read(async (query) => (await query(sql.knownAfter, [router, after, limit])).map(knownOf)),
    repeat: (uid, route) => read(async (query) => repeatOf((await query(sql.repeat, [router, uid, route]))[0])),
    queued: (sink, after, { events, bytes }) =>
      read(async (query) => (await query(sql.queued, [router, sink, after, events, bytes])).map(queuedOf)),
    backlog: () =>
      read(async (query) => {
        const one = ({ sink, events, bytes, oldest }: PostgresRow) =>
          [String(sink), { events: Number(events), bytes: Number(bytes), oldestAt: Number(oldest) }] as const;
        return new Map((await query(sql.backlog, [router])).map(one));
      }),
    close: lease.close,
  };
}

function cursorsOf(rows: readonly PostgresRow[]): Record<string, number> {
  return Object.fromEntries(rows.map(({ sink, sequence }) => [String(sink), Number(sequence)]));
}

/** $1 is the router. */
function statements(schema: string) {
  return {
    advance: `UPDATE ${schema}.routers SET changes = $3, last_sequence = coalesce($4, last_sequence),
       mark = coalesce($5, mark), alive_at = coalesce($6, alive_at), cluster = coalesce($7, cluster),
       namespace = coalesce($8, namespace)
     WHERE id = $1 AND term = $2 AND changes = $3 - 1 RETURNING pg_backend_pid() AS backend`,
    setKnown: `INSERT INTO ${schema}.known (router, uid, version, count, seen_at)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) ON CONFLICT (router, uid) DO UPDATE
     SET version = excluded.version, count = excluded.count, seen_at = excluded.seen_at`,
    forget: `DELETE FROM ${schema}.known WHERE router = $1 AND uid = ANY ($2::text[])`,
    forgetRepeats: `DELETE FROM ${schema}.repeats WHERE router = $1 AND uid = ANY ($2::text[])`,
    enqueue: `INSERT INTO ${schema}.queue (router, sequence, at, targets, bytes, delivery)
     SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::jsonb[], $5::integer[], $6::text[])`,
    setRepeats: `INSERT INTO ${schema}.repeats (router, uid, route, at, held)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[])
     ON CONFLICT (router, uid, route) DO UPDATE SET at = excluded.at, held = excluded.held`,
    setCursors: `INSERT INTO ${schema}.cursors (router, sink, sequence)
     SELECT $1, * FROM unnest($2::text[], $3::bigint[])
     ON CONFLICT (router, sink) DO UPDATE SET sequence = excluded.sequence`,
    removeCursors: `DELETE FROM ${schema}.cursors WHERE router = $1 AND sink = ANY ($2::text[])`,
    letAllGo: `DELETE FROM ${schema}.queue WHERE router = $1 AND sequence <= $2`,
    letGo: `DELETE FROM ${schema}.queue WHERE router = $1 AND sequence > $2 AND sequence <= $3 AND NOT EXISTS (
       SELECT FROM jsonb_object_keys(targets) AS target
       JOIN ${schema}.cursors ON cursors.router = $1 AND cursors.sink = target
       WHERE queue.sequence > cursors.sequence)`,
    load: `SELECT mark, alive_at, cluster, namespace, last_sequence FROM ${schema}.routers WHERE id = $1`,
    cursors: `SELECT sink, sequence FROM ${schema}.cursors WHERE router = $1`,
    known: `SELECT uid, version, count, seen_at FROM ${schema}.known WHERE router = $1 AND uid = ANY ($2::text[])`,
    knownAfter: `SELECT uid, version, count, seen_at FROM ${schema}.known WHERE router = $1 AND uid > $2
     ORDER BY uid LIMIT $3`,
    repeat: `SELECT uid, route, at, held FROM ${schema}.repeats WHERE router = $1 AND uid = $2 AND route = $3`,
    // What one page holds has to fit into memory, and events may be large. The first one is given in any case.
    queued: `SELECT sequence, at, targets, bytes, delivery FROM (
       SELECT *, sum(bytes) OVER page AS total, row_number() OVER page AS place FROM (
         SELECT sequence, at, targets, bytes, delivery FROM ${schema}.queue
         WHERE router = $1 AND targets ? $2 AND sequence > $3 ORDER BY sequence LIMIT $4
       ) AS waiting WINDOW page AS (ORDER BY sequence)
     ) AS measured WHERE total <= $5 OR place = 1 ORDER BY sequence`,
    backlog: `SELECT target AS sink, count(*) AS events, sum(bytes) AS bytes, min(at) AS oldest
     FROM ${schema}.queue CROSS JOIN jsonb_object_keys(targets) AS target
     JOIN ${schema}.cursors ON cursors.router = $1 AND cursors.sink = target
     WHERE queue.router = $1 AND queue.sequence > cursors.sequence GROUP BY target`,
  };
}

function knownOf({ uid, version, count, seen_at }: PostgresRow): KnownEvent {
  return { uid: String(uid), resourceVersion: String(version), count: Number(count), seenAt: Number(seen_at) };
}

function repeatOf(row: PostgresRow | undefined): Repeat | undefined {
  if (!row) return undefined;
  return { uid: String(row.uid), route: String(row.route), at: Number(row.at), held: Number(row.held) };
}

function queuedOf({ sequence, at, targets, bytes, delivery }: PostgresRow): QueuedDelivery {
  return {
    sequence: Number(sequence),
    at: Number(at),
    targets: targets as QueuedDelivery["targets"],
    bytes: Number(bytes),
    delivery: JSON.parse(String(delivery)) as QueuedDelivery["delivery"],
  };
}
