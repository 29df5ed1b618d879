import { resolve } from "node:path";
import { readNamedFile } from "../util/read-named-file.ts";
import type { Context } from "./context.ts";

/** The text of a file, or of standard input for `-`. */
export async function readArgument(filename: string, { cwd, stdin }: Pick<Context, "cwd" | "stdin">): Promise<string> {
  return filename === "-" ? await stdin.read() : await readNamedFile(resolve(cwd, filename), filename);
}

/** What errors and remarks call it. */
export function argumentName(filename: string): string {
  return filename === "-" ? "STDIN" : filename;
}
