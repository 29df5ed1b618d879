import { execFile } from "node:child_process";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../control-plane/free-port.ts";
import { type ServerProcess, type ServerUser, startServerProcess } from "../control-plane/server-process.ts";
import { startWatchdog } from "../control-plane/watchdog.ts";
import { needProgram } from "./need-program.ts";

/** A real PostgreSQL that this process started on a free port of 127.0.0.1, and that ends with it. */
export interface PostgresServer {
  readonly port: number;
  /** `postgres://kev:PASSWORD@127.0.0.1:PORT/NAME`: of a user that is no superuser, and of a database that is its own. */
  url(database?: string): string;
  /** Runs it as the superuser in the same database; the result's rows, columns parted by `|`. */
  sql(text: string): Promise<string>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const install = "apt-get install postgresql";
const password = "only-for-tests";

export async function startPostgres(): Promise<PostgresServer> {
  const program = (name: string): string => needProgram(name, install, ["/usr/lib/postgresql/*/bin"]);
  const [initdb, postgres, psql] = [program("initdb"), program("postgres"), program("psql")];
  const user = await unprivileged();
  const dir = await mkdtemp(join(tmpdir(), "kev-postgres-"));
  if (user) await chown(dir, user.uid, user.gid);
  const data = join(dir, "data");
  const port = await freePort();
  const adminUrl = (database: string): string =>
    `postgres:///${database}?user=admin&host=${encodeURIComponent(dir)}&port=${port}`;
  const watchdog = startWatchdog(dir);
  // What is left of a server that was killed is thrown away, so nothing has to reach the disk.
  const args = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", dir, "-c", "fsync=off"];
  let server: ServerProcess | undefined;

  const run = (path: string, ...words: string[]) =>
    promisify(execFile)(path, words, { cwd: dir, env: { PATH: process.env.PATH, LC_ALL: "C" }, ...user });
  const sql = async (text: string, database = "kev"): Promise<string> => {
    const words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", adminUrl(database), "-c", text];
    return (await run(psql, ...words)).stdout.trim();
  };

  async function start(): Promise<void> {
    server = startServerProcess({ name: "postgres", path: postgres, args, dir, watchdog, user });
    await server.waitUntil("take connections", async () => {
      return (await sql("SELECT 1", "postgres")) === "1";
    });
  }

  async function stop(): Promise<void> {
    // Its way of an immediate end: with SIGKILL shared memory would be left behind.
    await server?.kill("SIGQUIT");
    await watchdog.disarm();
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  try {
    await run(
      initdb,
      "-D",
      data,
      "-U",
      "admin",
      "--auth-local=trust",
      "--auth-host=scram-sha-256",
      "-E",
      "UTF8",
      "--locale=C",
      "--no-sync",
    );
    await start();
    await sql(`CREATE ROLE kev LOGIN PASSWORD '${password}'`, "postgres");
    await sql("CREATE DATABASE kev OWNER kev", "postgres");
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    sql,
    url: (database = "kev") => `postgres://kev:${password}@127.0.0.1:${port}/${database}`,
    kill: async () => server?.kill("SIGQUIT"),
    start,
    stop,
  };
}

/** PostgreSQL refuses to run as root. Debian's package makes the user postgres. */
async function unprivileged(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(await readFile("/etc/passwd", "utf8")) ?? [];
  if (uid === undefined)
    throw new Error(`the user postgres is missing, and PostgreSQL does not run as root: ${install}`);
  return { uid: Number(uid), gid: Number(gid) };
}
