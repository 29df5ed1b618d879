import { usageError } from "../../util/errors.ts";
import type { PostgresConnection } from "./postgres-connection.ts";

/** Of the tables; counts up with each change of them. */
const format = 1;

// A router's row is changed with everything that it stores, so its number of changes tells what was stored, and its term,
// which counts up with each router that takes over, keeps a former one out. Targets are JSON, sink → delta. uids are in the
// order of their bytes, whatever the database's language. A queue is all inserts and deletes: it is cleaned up early.
const tables = (schema: string): string => `
CREATE TABLE ${schema}.format (format integer NOT NULL);
INSERT INTO ${schema}.format VALUES (${format});
CREATE TABLE ${schema}.routers (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE,
  term bigint NOT NULL DEFAULT 0, changes bigint NOT NULL DEFAULT 0, last_sequence bigint NOT NULL DEFAULT 0,
  mark text, alive_at bigint, cluster text, namespace text) WITH (fillfactor = 50);
CREATE TABLE ${schema}.known (router integer NOT NULL REFERENCES ${schema}.routers ON DELETE CASCADE,
  uid text COLLATE "C" NOT NULL, version text NOT NULL, count bigint NOT NULL, seen_at bigint NOT NULL,
  PRIMARY KEY (router, uid));
CREATE TABLE ${schema}.queue (router integer NOT NULL REFERENCES ${schema}.routers ON DELETE CASCADE,
  sequence bigint NOT NULL, at bigint NOT NULL, targets jsonb NOT NULL, bytes integer NOT NULL, delivery text NOT NULL,
  PRIMARY KEY (router, sequence)) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE TABLE ${schema}.cursors (router integer NOT NULL REFERENCES ${schema}.routers ON DELETE CASCADE,
  sink text NOT NULL, sequence bigint NOT NULL, PRIMARY KEY (router, sink)) WITH (fillfactor = 50);
CREATE TABLE ${schema}.repeats (router integer NOT NULL REFERENCES ${schema}.routers ON DELETE CASCADE,
  uid text NOT NULL, route text NOT NULL, at bigint NOT NULL, held bigint NOT NULL, PRIMARY KEY (router, uid, route));`;

/**
 * Makes the schema and its tables where they are missing. Routers that start at the same time wait for each other.
 *
 * @param schema quoted, as in SQL
 * @throws usage error for tables of a later kev; what pg throws
 */
export async function preparePostgres({ query }: PostgresConnection, schema: string): Promise<void> {
  await query("BEGIN");
  await query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`kev route tables ${schema}`]);
  const [found] = await query("SELECT to_regnamespace($1) AS schema, to_regclass($2) AS tables", [
    schema,
    `${schema}.format`,
  ]);
  // Who may use a schema may not always make one, not even one that is there.
  if (found?.schema === null) await query(`CREATE SCHEMA ${schema}`);
  if (found?.tables === null) await query(tables(schema));
  const [row] = await query(`SELECT format FROM ${schema}.format`);
  await query("COMMIT");
  if (row?.format !== format) {
    throw usageError(`the tables in the schema ${schema} are of a later kev`, {
      hint: "update kev, or keep the state in a schema of its own",
    });
  }
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
