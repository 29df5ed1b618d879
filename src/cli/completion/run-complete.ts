import type { Context } from "../context.ts";
import { bashReply } from "./bash-reply.ts";
import { cobraReply, kubectlReply } from "./cobra-reply.ts";
import { complete } from "./complete.ts";
import { readShellLine } from "./shell-line.ts";

/**
 * What the completion scripts call, before commander reads the words as flags:
 *
 * - `kev __complete WORD…`: cobra's protocol, the last word is at the cursor
 * - `kev __complete-kubectl WORD…`: the same, for kubectl's scripts
 * - `kev __complete-bash LINE REPLACED TYPE COLUMNS`: the line up to the cursor, the part of its last word that bash replaces,
 *   `COMP_TYPE` and the columns of the terminal
 *
 * The exit code is always 0: a shell has nobody to tell.
 */
export async function runComplete(argv: readonly string[], context: Context): Promise<number> {
  const [form = "", ...rest] = argv;
  context.stdout.write(await replyText(form, rest, context));
  return 0;
}

async function replyText(form: string, rest: readonly string[], context: Context): Promise<string> {
  if (form === "__complete-bash") return await forBash(rest, context);
  const reply = await complete(rest, context);
  return form === "__complete-kubectl" ? kubectlReply(reply) : cobraReply(reply);
}

async function forBash([text = "", replaced = "", type = "", columns = ""]: readonly string[], context: Context) {
  const { words, cursor } = readShellLine(text, context.env);
  const reply = await complete([...words.slice(1), cursor.plain], context);
  const isPart = cursor.raw.endsWith(replaced);
  const kept = isPart ? cursor.raw.slice(0, cursor.raw.length - replaced.length) : "";
  return bashReply(reply, {
    quote: cursor.quote,
    head: reply.line.head,
    kept: readShellLine(kept, context.env).cursor.plain,
    type: Number(type),
    columns: Number(columns) || 80,
  });
}
