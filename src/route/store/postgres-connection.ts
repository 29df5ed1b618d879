import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { usageError } from "../../util/errors.ts";
import { errorCode, errorMessage } from "../../util/file-error.ts";
import { parseUrl } from "../../util/parse-url.ts";

/** Where a database is. */
export interface PostgresPlace {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…` */
  readonly url: string;
  /** `PGPASSWORD` is taken where the URL has no password. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the server calls the session. */
  readonly application: string;
}

/** One session of a PostgreSQL server. Queries are to be sent one after the other. */
export interface PostgresConnection {
  /** @throws what pg throws; then `isLost` says whether anybody knows what became of the query */
  query(text: string, values?: readonly unknown[]): Promise<PostgresRow[]>;
  /** True once the session has ended, or did not answer in time. */
  readonly isLost: boolean;
  end(): Promise<void>;
}

/** 64-bit numbers are strings. */
export type PostgresRow = Readonly<Record<string, unknown>>;

/** Milliseconds for a connection, and for the answer to a query. */
const connectTimeout = 10_000;
const queryTimeout = 30_000;

/** How the server is to tell that nobody is there any more: then it ends the session, and lets its locks go. */
const sessionSettings = {
  /** Seconds. */
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",
  /** Milliseconds without a query; from PostgreSQL 14 on. */
  idle_session_timeout: "60000",
  idle_in_transaction_session_timeout: "60000",
};

/**
 * @throws usage error when the package pg is not installed, or the URL is none of PostgreSQL's; what pg throws. No error
 *   holds the password
 */
export async function connectPostgres({ url, env, application }: PostgresPlace): Promise<PostgresConnection> {
  const connectionString = completeUrl(url, env);
  const { Client: PgClient } = await importPg();
  const socket = new Socket();
  const client = new PgClient({
    connectionString,
    application_name: application,
    connectionTimeoutMillis: connectTimeout,
    query_timeout: queryTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    stream: () => socket,
  });
  let isLost = false;
  const lose = (): void => {
    isLost = true;
    socket.destroy();
  };
  // Without a listener the end of an idle session ends the process.
  client.on("error", lose);
  client.on("end", lose);

  const connection: PostgresConnection = {
    async query(text, values = []) {
      try {
        return (await client.query<PostgresRow>(text, [...values])).rows;
      } catch (error) {
        // What the server itself says has a code of its own; after anything else nobody knows where the session is.
        if (sqlState(error) === "" || endsSession(sqlState(error))) lose();
        throw error;
      }
    },
    get isLost() {
      return isLost;
    },
    async end() {
      // A server that cannot be reached says no goodbye.
      const goodbye = client.end().catch(() => undefined);
      if (!isLost) await Promise.race([goodbye, sleep(1_000, undefined, { ref: false })]);
      lose();
    },
  };
  try {
    await client.connect();
    // Those that this server has.
    await connection.query(
      `SELECT set_config(pg_settings.name, wanted.value, false)
       FROM unnest($1::text[], $2::text[]) AS wanted (name, value) JOIN pg_settings USING (name)`,
      [Object.keys(sessionSettings), Object.values(sessionSettings)],
    );
    return connection;
  } catch (error) {
    lose();
    throw error;
  }
}

/** `HOST:PORT/DATABASE`: what may be shown of a URL. */
export function postgresAddress(url: string): string {
  const { hostname, port, pathname, searchParams } = checkedUrl(url);
  const host = searchParams.get("host") || hostname || "localhost";
  return `${host}:${searchParams.get("port") || port || "5432"}/${decodeURIComponent(pathname.slice(1))}`;
}

function checkedUrl(url: string): URL {
  const parsed = parseUrl(url);
  if (parsed && ["postgres:", "postgresql:"].includes(parsed.protocol)) return parsed;
  // Not quoted: it may hold a password.
  throw usageError("the URL of a PostgreSQL database must be like postgres://USER:PASSWORD@HOST:5432/DATABASE");
}

function completeUrl(url: string, env: PostgresPlace["env"]): string {
  const complete = checkedUrl(url);
  const { searchParams } = complete;
  if (!complete.password && !searchParams.has("password") && env.PGPASSWORD) {
    searchParams.set("password", env.PGPASSWORD);
  }
  // pg checks certificates with these, too, and says at length on stderr that it will not for ever.
  if (["prefer", "require", "verify-ca"].includes(searchParams.get("sslmode") ?? "")) {
    searchParams.set("sslmode", "verify-full");
  }
  return complete.href;
}

async function importPg(): Promise<{ Client: typeof Client }> {
  const name = "pg";
  try {
    return (await import(name)) as { Client: typeof Client };
  } catch (cause) {
    if (errorCode(cause) !== "ERR_MODULE_NOT_FOUND" && errorCode(cause) !== "MODULE_NOT_FOUND") throw cause;
    throw usageError(`state in PostgreSQL needs the package ${name}`, { hint: `npm install ${name}`, cause });
  }
}

/** The five characters by which the server names an error; empty for an error that is not the server's. */
export function sqlState(error: unknown): string {
  const code = errorCode(error);
  return /^[0-9A-Z]{5}$/.test(code) && typeof error === "object" && error !== null && "severity" in error ? code : "";
}

/**
 * Lost connections (08), and what the server says as it ends one: shut down, restarted after a crash, idle for too long.
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function endsSession(state: string): boolean {
  return state.startsWith("08") || state.startsWith("57P") || state === "25P03";
}

/** Whether it may pass by itself: the network, a restart, a full disk, a standby that is about to take over. */
export function mayPass(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== "") return endsSession(state) || /^(53|58|40|55P03|57014|25006)/.test(state);
  const call = typeof error === "object" && error !== null && "syscall" in error ? error.syscall : undefined;
  // What pg says of a session that ended, and of an answer that did not come, has no code.
  return call === undefined ? /^Connection |^Client |time(d )?out/.test(errorMessage(error)) : call !== "open";
}

/** What the server, or the network, says of it. */
export function postgresProblem(error: unknown): string {
  if (errorCode(error) === "ECONNREFUSED") return "connection refused";
  return sqlState(error) === "53100" ? "the disk is full" : errorMessage(error);
}
