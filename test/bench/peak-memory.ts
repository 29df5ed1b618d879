import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, type Program } from "./compare.ts";

const runs = 5;

/** The median of a Node program's peak resident memory, in MiB, as the kernel counts it (getrusage's maxrss). */
export async function peakMemory({ command, args, env }: Program): Promise<number> {
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
    const peaks: number[] = [];
    for (let run = 0; run < runs; run++) {
      await end(command, ["--import", hook, ...args], env);
      peaks.push(Number(await readFile(report, "utf8")) / 1024);
    }
    return median(peaks);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function end(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: "ignore" });
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))));
  });
}
