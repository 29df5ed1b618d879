import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { median, type Program } from "./compare.ts";

/** The median of a Node program's peak resident memory, in MiB, as the kernel counts it (getrusage's maxrss). */
export async function peakMemory(program: Program, runs = 5): Promise<number> {
  const peaks: number[] = [];
  for (let run = 0; run < runs; run++) {
    peaks.push(
      await measured(program, "ignore", async (child) => {
        const [code] = (await once(child, "exit")) as [number | null];
        if (code !== 0) throw new Error(`${program.command} ended with ${code}`);
      }),
    );
  }
  return median(peaks);
}

/** The peak of a program that prints `lines` lines while `work` goes on, and is interrupted then. */
export async function peakMemoryUntil(program: Program, lines: number, work: () => Promise<void>): Promise<number> {
  return await measured(program, "pipe", async (child) => {
    let seen = 0;
    child.stdout?.on("data", (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 0x0a) seen++;
    });
    await work();
    while (seen < lines) {
      if (child.exitCode !== null)
        throw new Error(`${program.command} ended with ${child.exitCode} after ${seen} lines`);
      await sleep(50);
    }
    child.kill("SIGINT");
    await once(child, "exit");
  });
}

async function measured(
  { command, args, env }: Program,
  stdout: "ignore" | "pipe",
  untilEnd: (child: ChildProcess) => Promise<void>,
): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "kev-bench-"));
  try {
    const hook = join(dir, "report.mjs");
    const report = join(dir, "peak");
    // The program tells its own peak at its end: no tool beside Node is needed to ask for it.
    await writeFile(
      hook,
      `import { writeFileSync } from "node:fs";
process.on("exit", () => writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)));
`,
    );
    await untilEnd(spawn(command, ["--import", hook, ...args], { env, stdio: ["ignore", stdout, "inherit"] }));
    return Number(await readFile(report, "utf8")) / 1024;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
