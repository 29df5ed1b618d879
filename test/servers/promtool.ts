import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { needProgram } from "./need-program.ts";

/** Runs Prometheus's own checker, for example `check metrics` or `test rules FILE`. */
export async function promtool(args: readonly string[], stdin = ""): Promise<{ code: number | null; output: string }> {
  const path = needProgram("promtool", "apt-get install prometheus");
  const child = spawn(path, args, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  // One that has seen enough may end without reading on.
  child.stdin.on("error", () => {}).end(stdin);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: stdout + stderr };
}
