import type { Command, Option } from "commander";
import { collect } from "../collect.ts";

/** A command line up to the cursor, and what stands there. */
export interface CommandLine {
  command: Command;
  /** The flags in front of the cursor as commander names them: text, lists of it where they may be repeated, true, false. */
  flags: Readonly<Record<string, unknown>>;
  /** The words that are neither commands nor flags nor their values. */
  operands: readonly string[];
  /** True behind `--`, where nothing is a flag. */
  isLiteral: boolean;
  /** The word at the cursor, as far as it is typed: a value of `option` where there is one. */
  typed: string;
  option?: Option;
  /** What stands in front of that value in the same word: `--output=`, or nothing. */
  head: string;
}

/**
 * Reads a command line by the declarations of `program`. Mistakes in it are passed over.
 *
 * @param words after the program's name, without quotes; the last one is at the cursor, empty where a new one begins
 */
export function readCommandLine(program: Command, words: readonly string[]): CommandLine {
  let command = program;
  let isLiteral = false;
  let pending: Option | undefined;
  const flags: Record<string, unknown> = {};
  const operands: string[] = [];
  for (const word of words.slice(0, -1)) {
    if (pending !== undefined) {
      keep(flags, pending, word);
      pending = undefined;
    } else if (!isLiteral && word === "--") {
      isLiteral = true;
    } else if (!isLiteral && word.startsWith("-") && word !== "-") {
      pending = readFlag(word, command, flags);
    } else {
      const below = operands.length === 0 && !isLiteral ? commandNamed(command, word) : undefined;
      if (below === undefined) operands.push(word);
      else command = below;
    }
  }
  const last = words.at(-1) ?? "";
  const read = { command, flags, operands, isLiteral };
  if (pending !== undefined) return { ...read, typed: last, option: pending, head: "" };
  const { flag = "", value = "" } = isLiteral ? {} : splitAtEquals(last);
  const option = optionNamed(command, flag);
  if (option === undefined || option.isBoolean()) return { ...read, typed: last, head: "" };
  return { ...read, typed: value, option, head: `${flag}=` };
}

/** The flags that `command` takes: its own, then those of the commands above it, the global ones last. */
export function optionsOf(command: Command): Option[] {
  return [...command.options, ...(command.parent ? optionsOf(command.parent) : [])];
}

/** The program that a command is of. */
export function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

/** Whether a flag may be given several times. */
export function isRepeatable(option: Option): boolean {
  return option.parseArg === collect || option.variadic;
}

function commandNamed(command: Command, word: string): Command | undefined {
  return command.commands.find((candidate) => candidate.name() === word);
}

function optionNamed(command: Command, flag: string): Option | undefined {
  return flag === "" ? undefined : optionsOf(command).find(({ short, long }) => short === flag || long === flag);
}

/** Returns the flag whose value is the next word. */
function readFlag(word: string, command: Command, flags: Record<string, unknown>): Option | undefined {
  const { flag = word, value } = splitAtEquals(word);
  const option = optionNamed(command, flag);
  if (option === undefined) return readLetters(word, command, flags);
  if (option.required && value === undefined) return option;
  keep(flags, option, option.isBoolean() ? undefined : value);
  return undefined;
}

/** `-nprod`, and flags without a value in front of another one: `-qn prod`. */
function readLetters(word: string, command: Command, flags: Record<string, unknown>): Option | undefined {
  const [, letter = "", rest = ""] = /^-([A-Za-z])(.+)$/s.exec(word) ?? [];
  const option = optionNamed(command, letter === "" ? "" : `-${letter}`);
  if (option === undefined) return undefined;
  keep(flags, option, option.isBoolean() ? undefined : rest);
  return option.isBoolean() ? readFlag(`-${rest}`, command, flags) : undefined;
}

function keep(flags: Record<string, unknown>, option: Option, value: string | undefined): void {
  const name = option.attributeName();
  if (value === undefined) flags[name] = !option.negate;
  else if (isRepeatable(option)) flags[name] = [...((flags[name] as string[] | undefined) ?? []), value];
  else flags[name] = value;
}

function splitAtEquals(word: string): { flag?: string; value?: string } {
  const [, flag, value] = /^(--?[A-Za-z][\w-]*)=(.*)$/s.exec(word) ?? [];
  return flag === undefined || value === undefined ? {} : { flag, value };
}
