import { spawn } from "node:child_process";

/** A program to measure, in the environment it is given and no other. */
export interface Program {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** Two programs' wall times, each pair run one right after the other, and the ratios of the pairs. */
export interface Comparison {
  /** Medians, in milliseconds. */
  subject: number;
  reference: number;
  /** Of subject / reference, pair by pair: a machine that gets slower meanwhile slows both. */
  ratio: { least: number; median: number; most: number };
}

/**
 * Runs `subject` and `reference` in turn, `pairs` times.
 *
 * @param warmUps pairs before them that do not count
 */
export async function compare(subject: Program, reference: Program, pairs: number, warmUps = 3): Promise<Comparison> {
  const times: { subject: number; reference: number }[] = [];
  for (let pair = -warmUps; pair < pairs; pair++) {
    const measured = { subject: await wallTime(subject), reference: await wallTime(reference) };
    if (pair >= 0) times.push(measured);
  }
  const ratios = times.map((pair) => pair.subject / pair.reference).sort((a, b) => a - b);
  return {
    subject: median(times.map((pair) => pair.subject)),
    reference: median(times.map((pair) => pair.reference)),
    ratio: { least: ratios[0] ?? Number.NaN, median: median(ratios), most: ratios.at(-1) ?? Number.NaN },
  };
}

/** Milliseconds from starting a program to its end; throws unless its exit code is 0. */
function wallTime({ command, args, env }: Program): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      const time = performance.now() - start;
      if (code === 0) resolve(time);
      else child.stderr.on("close", () => reject(new Error(`${command} ended with ${code}: ${stderr}`)));
    });
  });
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
