import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

/** Ends processes when this one ends, however it ends. */
export interface Watchdog {
  readonly pid: number;
  guard(pid: number): void;
  /** `pid` has ended: its number may soon be another's. */
  release(pid: number): void;
  /** Nothing is guarded any longer; the watchdog ends. */
  disarm(): Promise<void>;
}

// A shell, because it is small and starts in a millisecond. It reads `+PID` and `-PID` lines until its input ends,
// which the operating system sees to when the writer dies, be it by SIGKILL.
const script = `
pids=
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) pids="$pids $pid" ;;
    -*) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
    x*) exit 0 ;;
  esac
done
[ -z "$pids" ] || kill -KILL $pids
# A second try: a process may still have made a file while the signal was on its way.
[ -z "$1" ] || rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

/**
 * Starts a watchdog, in a session of its own, so that a Ctrl-C does not reach it. When this process is gone it sends
 * SIGKILL to what it guards and then removes `folder`, if one is given.
 */
export function startWatchdog(folder = ""): Watchdog {
  const dog = spawn("/bin/sh", ["-c", script, "kev-watchdog", folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
  });
  const { pid, stdin } = dog;
  if (pid === undefined) throw new Error("/bin/sh does not start: it is needed to end the control plane's processes");
  // Must not keep this process alive, else its end would never come.
  dog.unref();
  if (stdin instanceof Socket) stdin.unref();
  // A watchdog that was ended from outside; what it guards is still ended by stop().
  stdin.on("error", () => {});
  return {
    pid,
    guard: (guarded) => stdin.write(`+${guarded}\n`),
    release: (guarded) => stdin.write(`-${guarded}\n`),
    disarm: () => {
      const ended = ending(dog);
      stdin.end("x\n");
      return ended;
    },
  };
}

/** Resolves when the process has ended; meanwhile it keeps this one alive. */
export async function ending(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  await new Promise((resolve) => child.once("exit", resolve));
}
