import type { Argument, Option } from "commander";
import { commandCandidates } from "./command-candidates.ts";
import { type CommandLine, isRepeatable, optionsOf } from "./read-command-line.ts";
import { type Candidate, nothing, only, type Reply } from "./reply.ts";
import type { Sources } from "./sources.ts";
import { type ValuePlace, valueCandidates } from "./value-candidates.ts";
import { isList, kindOfArgument, kindOfOption, type ValueKind } from "./value-kind.ts";

/** What may stand at the cursor. Candidates need not go on from what is typed: that is for the caller to choose. */
export async function answer(line: CommandLine, sources: Sources): Promise<Reply> {
  const { command, operands, option, typed, isLiteral } = line;
  if (option !== undefined) return await flagValue(option, line, sources);
  if (typed.startsWith("-") && !isLiteral) return only(flagCandidates(line, optionsOf(command)));
  const below = operands.length === 0 && !isLiteral ? commandCandidates(command) : [];
  const index = Math.min(operands.length, command.registeredArguments.length - 1);
  const argument = command.registeredArguments[index];
  if (argument === undefined || (index < operands.length && !argument.variadic)) {
    // Where no other word can follow, the command's own flags are what is left; behind a command that is none, nothing is.
    const isOnlyFlags = command.commands.length === 0 && typed === "" && !isLiteral;
    return only(isOnlyFlags ? flagCandidates(line, command.options) : below);
  }
  const { candidates, otherwise } = await operand(argument, index, line, sources);
  return { candidates: [...below, ...candidates], otherwise };
}

/** The flags that may still come: without those that are there and count once, and their opposites. */
function flagCandidates({ flags }: CommandLine, options: readonly Option[]): Candidate[] {
  const open = options.filter(
    (option) => !option.hidden && (isRepeatable(option) || !Object.hasOwn(flags, option.attributeName())),
  );
  const help = { long: "--help", short: "-h", optional: false, description: "show help" };
  return [...open, help].flatMap(({ long, short, optional, description }) => [
    // A value that may be left out is never the next word.
    ...(long ? [{ value: optional ? `${long}=` : long, description }] : []),
    ...(short ? [{ value: short, description }] : []),
  ]);
}

async function flagValue(option: Option, line: CommandLine, sources: Sources): Promise<Reply> {
  const kind = kindOfOption(option, line.command);
  const place = { line, typed: line.typed, before: [], isFlag: true, sources };
  return await (isList(option) ? lastOfList(kind, place) : valueCandidates(kind, place));
}

async function operand(argument: Argument, index: number, line: CommandLine, sources: Sources): Promise<Reply> {
  const { command, flags, operands, typed } = line;
  const kind = kindOfArgument(argument, command);
  // Where the events, or their objects, stand in a file, no word names them.
  if ((kind === "presets" || kind === "objects") && flags.batch !== undefined) return nothing;
  if (kind === "objects" && flags.filename !== undefined) return nothing;
  const place = { line, typed, sources, before: operands.slice(index), isFlag: false };
  return await (kind === "types" ? lastOfList(kind, place) : valueCandidates(kind, place));
}

/** `--reason Failed,Ba` goes on with its last part; a `!` in front of that turns it around. */
async function lastOfList(kind: ValueKind, place: ValuePlace): Promise<Reply> {
  const [head = ""] = /^.*,!?|^!/s.exec(place.typed) ?? [];
  const before = [...place.before.flatMap((values) => values.split(",")), ...head.replaceAll("!", "").split(",")];
  const typed = place.typed.slice(head.length);
  const { candidates, otherwise } = await valueCandidates(kind, { ...place, typed, before });
  return { candidates: candidates.map((one) => ({ ...one, value: head + one.value })), otherwise };
}
