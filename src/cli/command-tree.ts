import type { Command } from "commander";
import { readCommandLine } from "./completion/read-command-line.ts";

/** A command and all below it, in the order in which they are declared. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** How a command is called, without `kev`: `gate serve`. */
export function commandPath(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${commandPath(parent)} ${command.name()}` : command.name();
}

/** The command of a command line, by the declarations of `program`: a flag's value may be called like one. */
export function calledCommand(program: Command, argv: readonly string[]): Command {
  return readCommandLine(program, [...argv, ""]).command;
}

/** The command that `words` name below `command`, as far as they name any. */
export function findCommand(command: Command, words: readonly string[]): Command {
  for (const [index, word] of words.entries()) {
    const found = command.commands.find((candidate) => candidate.name() === word);
    if (found !== undefined) return findCommand(found, words.slice(index + 1));
  }
  return command;
}
