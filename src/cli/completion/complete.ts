import { orAborted } from "../../util/or-aborted.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../global-flags.ts";
import { createProgram } from "../program.ts";
import { answer } from "./answer.ts";
import { type CommandLine, readCommandLine } from "./read-command-line.ts";
import { chosen, nothing, type Reply } from "./reply.ts";
import { createSources } from "./sources.ts";

/** Milliseconds for what has to be asked: who presses Tab waits no longer. */
const patience = 2_000;
/** Milliseconds more for what listens to no signal, as reading a file from a network that is down. */
const grace = 300;

/**
 * What may come at the end of `words`, those after `kev`. Never fails and writes nothing but the cache of discovery: what
 * cannot be had in time is left out.
 */
export async function complete(words: readonly string[], context: Context): Promise<Reply & { line: CommandLine }> {
  const program = createProgram({ run: async () => undefined });
  const line = readCommandLine(program, words);
  const limit = AbortSignal.any([context.signal, AbortSignal.timeout(patience)]);
  const sources = createSources(line.flags as GlobalFlags, context, limit);
  const reply = await orAborted(answer(line, sources), AbortSignal.timeout(patience + grace)).catch(() => nothing);
  sources.close();
  return { ...reply, candidates: chosen(reply.candidates, line.typed), line };
}
