import { StoreError } from "../../store/store-error.ts";
import { type Clock, systemClock } from "../../util/clock.ts";
import { KevError, usageError } from "../../util/errors.ts";
import {
  connectPostgres,
  mayPass,
  type PostgresConnection,
  type PostgresPlace,
  postgresAddress,
  postgresProblem,
  sqlState,
} from "./postgres-connection.ts";
import { preparePostgres } from "./postgres-tables.ts";

export interface PostgresLeaseOptions extends PostgresPlace {
  /** Of the router. */
  readonly name: string;
  /** Quoted, as in SQL. */
  readonly schema: string;
  /** Milliseconds to wait for a router that has the state now. */
  readonly patience: number;
  readonly clock?: Clock | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** The right to change a router's state, which one process has at a time. */
export interface PostgresLease {
  /** Of the router's rows. */
  readonly router: number;
  /** Counts up with each process that takes the state over. */
  readonly term: string;
  /**
   * Runs it with the session that holds the lock; one after the other. A session that was lost is replaced first.
   *
   * @param doing for errors
   * @throws StoreError; what `run` throws, as one
   */
  use<T>(doing: "read" | "write", run: (session: PostgresSession) => Promise<T>): Promise<T>;
  /** The error for a session that is not the state's any more. */
  takenOver(): StoreError;
  close(): Promise<void>;
}

export interface PostgresSession {
  readonly query: PostgresConnection["query"];
  /** Whether it was lost on the way. */
  readonly isLost: boolean;
  /** Changes that were stored when it took the lock. */
  readonly changes: number;
  /** Of the server's process: another one means that a pooler has put another session in its place, without the lock. */
  readonly backend: number;
}

/** Milliseconds between looks at whether the lock is free, and between signs of life. */
const lookEvery = 500;
const beatEvery = 20_000;

/**
 * Takes the state of a router over, once nobody else has it. Two things keep a second one out: a lock that the session holds,
 * so that a second router that is started by mistake ends at once, and the term, which each change checks, so that one that
 * has lost its session without knowing can change nothing.
 *
 * @throws usage error where the state is in use, the database refuses us, or its tables are of a later kev; `unreachable`
 */
export async function leasePostgres(options: PostgresLeaseOptions): Promise<PostgresLease> {
  const { name, schema, patience, clock = systemClock, signal } = options;
  const address = postgresAddress(options.url);
  const key = `kev route ${schema} ${name}`;
  const closing = new AbortController();
  let connection: PostgresConnection | undefined;
  let session: PostgresSession | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let router = 0;
  let term = "";

  async function lock(candidate: PostgresConnection, until: number): Promise<boolean> {
    for (;;) {
      const [row] = await candidate.query("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked", [key]);
      if (row?.locked === true) return true;
      if (clock.now().getTime() >= until) return false;
      await clock.sleep(lookEvery, signal);
    }
  }

  async function open(): Promise<void> {
    connection = await connectPostgres(options);
    await preparePostgres(connection, schema);
    await connection.query(`INSERT INTO ${schema}.routers (name) VALUES ($1) ON CONFLICT (name) DO NOTHING`, [name]);
    if (!(await lock(connection, clock.now().getTime() + patience))) {
      throw usageError(`the state of router ${name} in PostgreSQL at ${address} is in use by another process`, {
        hint: "a second router needs a database of its own; one that is gone without a word is forgotten after a minute",
      });
    }
    const [row] = await connection.query(
      `UPDATE ${schema}.routers SET term = term + 1 WHERE name = $1
       RETURNING id, term, changes, pg_backend_pid() AS backend`,
      [name],
    );
    router = Number(row?.id);
    term = String(row?.term);
    session = sessionOf(connection, row?.changes, row?.backend);
  }

  async function reopen(): Promise<PostgresSession> {
    await connection?.end();
    connection = await connectPostgres(options);
    // The server may not have noticed yet that the former session has ended.
    const isLocked = await lock(connection, 0);
    const [row] = await connection.query(
      `SELECT term, changes, pg_backend_pid() AS backend FROM ${schema}.routers WHERE id = $1`,
      [router],
    );
    if (String(row?.term) !== term) throw takenOver();
    if (!isLocked) {
      throw new StoreError(`the state of router ${name} in PostgreSQL at ${address} is still locked`, {
        retriable: true,
        hint: "by kev's own former session, or by another router",
      });
    }
    session = sessionOf(connection, row?.changes, row?.backend);
    return session;
  }

  function takenOver(): StoreError {
    return new StoreError(`another router has taken over the state of router ${name} in PostgreSQL at ${address}`, {
      retriable: false,
    });
  }

  function use<T>(doing: "read" | "write", run: (session: PostgresSession) => Promise<T>): Promise<T> {
    const result = queue.then(async () => {
      try {
        if (closing.signal.aborted) throw new Error("it is closed");
        return await run(session && !session.isLost ? session : await reopen());
      } catch (cause) {
        if (cause instanceof KevError) throw cause;
        throw new StoreError(`cannot ${doing} the state in PostgreSQL at ${address}: ${postgresProblem(cause)}`, {
          retriable: mayPass(cause) && !closing.signal.aborted,
          hint:
            sqlState(cause) === "53100"
              ? "make room; nothing is lost meanwhile that the server still holds"
              : undefined,
          cause,
        });
      }
    });
    queue = result.catch(() => undefined);
    return result;
  }

  /** The server ends a session that says nothing for long, for its process may hang. */
  async function beat(): Promise<void> {
    for (;;) {
      await clock.sleep(beatEvery, closing.signal);
      // Whoever needs the state next hears what is wrong with it.
      await use("read", ({ query }) => query("SELECT 1")).catch(() => undefined);
    }
  }

  try {
    await open();
  } catch (cause) {
    await connection?.end();
    if (cause instanceof KevError || signal?.aborted) throw cause;
    const problem = `${mayPass(cause) ? "cannot reach" : "cannot use"} the state in PostgreSQL at ${address}`;
    throw new KevError(mayPass(cause) ? "unreachable" : "usage", `${problem}: ${postgresProblem(cause)}`, { cause });
  }
  beat().catch(() => undefined);

  return {
    router,
    term,
    use,
    takenOver,
    async close() {
      closing.abort();
      await queue;
      await connection?.end();
    },
  };
}

function sessionOf(connection: PostgresConnection, changes: unknown, backend: unknown): PostgresSession {
  return {
    query: connection.query,
    get isLost() {
      return connection.isLost;
    },
    changes: Number(changes),
    backend: Number(backend),
  };
}
