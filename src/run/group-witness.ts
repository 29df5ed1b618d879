import { spawn } from "node:child_process";
import { systemClock } from "../util/clock.ts";
import { caughtSignals } from "./process-signals.ts";

/**
 * A process beside the command, in the same process group, that counts signals: what a terminal sends for Ctrl-C, it sends
 * to the whole group, and so the command has it already; what somebody sends to kev alone, it has not. The system tells
 * programs who sent a signal, but Node does not hand that on.
 */
export interface GroupWitness {
  /**
   * How often it has had the signal, whose effect on this process is known. Undefined when it does not answer: it was
   * ended, or could not be started.
   */
  count(signal: NodeJS.Signals): Promise<number | undefined>;
  close(): void;
}

/** One that cannot be had. */
export const silentWitness: GroupWitness = { count: async () => undefined, close: () => undefined };

const names = caughtSignals.map((signal) => signal.slice(3));

// A shell, which is there in 2 ms. A signal that comes while it reads ends the reading (`hit`), as does the end of its input.
const script = `
for s in ${names.join(" ")}; do eval "n_$s=0"; trap "n_$s=\\$((n_$s+1)); hit=1" $s; done
tell() { echo "${names.map((name) => `$n_${name}`).join(" ")}"; }
tell
while :; do
  hit=
  if read -r question; then tell; elif [ -z "$hit" ]; then exit 0; fi
done`;

/** Milliseconds in which the shell answers, unless something is wrong with it. */
const patience = 2_000;

/** Resolves when the witness counts, or says nothing. @throws where there can be no more processes */
export async function startGroupWitness(): Promise<GroupWitness> {
  const shell = spawn("/bin/sh", ["-c", script, "kev-run-signals"], { env: {}, stdio: ["pipe", "pipe", "ignore"] });
  const { stdin, stdout } = shell;
  let isThere = true;
  let waiting: ((counts: readonly number[] | undefined) => void)[] = [];
  const gone = (): undefined => {
    isThere = false;
    for (const tell of waiting.splice(0)) tell(undefined);
  };
  shell.on("error", gone).on("exit", gone);
  stdin.on("error", gone);
  stdout.on("error", gone);
  let text = "";
  stdout.setEncoding("utf8").on("data", (part: string) => {
    const lines = (text + part).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) waiting.shift()?.(line.split(" ").map(Number));
  });
  const answer = async (): Promise<readonly number[] | undefined> => {
    if (!isThere) return undefined;
    const answered = new AbortController();
    const counts = new Promise<readonly number[] | undefined>((resolve) => waiting.push(resolve));
    // Whatever it says later would be taken for another answer.
    const late = systemClock.sleep(patience, answered.signal).then(gone, () => undefined);
    try {
      return await Promise.race([counts, late]);
    } finally {
      answered.abort();
    }
  };
  await answer();
  return {
    async count(signal) {
      const index = names.indexOf(signal.slice(3));
      if (isThere) stdin.write("\n");
      return (await answer())?.[index];
    },
    close() {
      waiting = [];
      stdin.end();
      stdin.destroy();
      stdout.destroy();
      shell.unref();
    },
  };
}
