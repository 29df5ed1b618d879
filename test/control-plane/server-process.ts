import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ending, type Watchdog } from "./watchdog.ts";

/** One running program. */
export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
  /** stdout and stderr of it, appended at each start. */
  readonly logFile: string;
  readonly running: boolean;
  /** SIGKILL where no other signal is given, and waits for its end: its data are thrown away, so there is nothing to finish. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Polls `check` until it is true. Throws with the log's last lines when the program ends, or after 60 s. */
  waitUntil(what: string, check: () => Promise<boolean>): Promise<void>;
}

export interface ServerProcessOptions {
  name: string;
  path: string;
  args: readonly string[];
  /** Working folder, and place of the log `NAME.log`. */
  dir: string;
  watchdog: Watchdog;
  /** Who it runs as, where that is not who we are. */
  user?: ServerUser | undefined;
}

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const patience = 60_000;

/** Starts a program, guarded by the watchdog, in a session of its own so that Ctrl-C comes to us first. */
export function startServerProcess({ name, path, args, dir, watchdog, user }: ServerProcessOptions): ServerProcess {
  const logFile = join(dir, `${name}.log`);
  const log = openSync(logFile, "a");
  let child: ChildProcess;
  try {
    // A bare environment: etcd reads ETCD_…, all of them read proxies.
    const env = { PATH: process.env.PATH, HOME: dir, TMPDIR: dir };
    child = spawn(path, args, { cwd: dir, env, stdio: ["ignore", log, log], detached: true, ...user });
  } finally {
    closeSync(log);
  }
  // Without a listener a program that cannot be started ends the whole test run.
  let startError: Error | undefined;
  child.on("error", (error) => {
    startError = error;
  });
  child.unref();
  const pid = child.pid ?? 0;
  if (pid !== 0) {
    watchdog.guard(pid);
    child.once("exit", () => watchdog.release(pid));
  }

  const running = (): boolean => pid !== 0 && child.exitCode === null && child.signalCode === null;
  const failure = (what: string): Error => {
    const lines = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-15).join("\n");
    return new Error(`${name} ${what}; the end of its log (${logFile}):\n${lines}`, { cause: startError });
  };

  return {
    name,
    pid,
    logFile,
    get running() {
      return running();
    },
    async kill(signal = "SIGKILL") {
      if (!running()) return;
      child.kill(signal);
      await ending(child);
    },
    async waitUntil(what, check) {
      const deadline = Date.now() + patience;
      while (running()) {
        if (await check().catch(() => false)) return;
        if (Date.now() > deadline) throw failure(`did not come to ${what} in ${patience / 1000} s`);
        await sleep(50);
      }
      throw failure(
        `ended (${startError?.message ?? child.signalCode ?? `exit code ${child.exitCode}`}) before ${what}`,
      );
    },
  };
}
