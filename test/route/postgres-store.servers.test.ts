import { afterAll, beforeAll } from "@jest/globals";
import { openPostgresStore } from "../../src/route/postgres-store.ts";
import { type PostgresServer, startPostgres } from "../servers/postgres-server.ts";
import { testStore } from "./store-contract.ts";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres.stop());

let routers = 0;
testStore("in PostgreSQL", true, async () => {
  const name = `router-${++routers}`;
  return {
    open: () => openPostgresStore({ url: postgres.url(), name, env: {} }),
    remove: async () => undefined,
  };
});
