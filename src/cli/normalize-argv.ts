import type { Command, Option } from "commander";
import { usageError } from "../util/errors.ts";
import { withSubcommands } from "./command-tree.ts";

/**
 * `argv` in the form commander takes, for the things kubectl users type that commander reads otherwise:
 * `--flag=true|false` for a flag without a value, `-n=prod`, and a bare `--dry-run`, whose value is never the next word.
 * Everything after `--` is left alone. Throws a usage error for a flag without a value that is given one.
 */
export function normalizeArgv(argv: readonly string[], program: Command): string[] {
  const options = withSubcommands(program).flatMap((command) => command.options);
  const words: string[] = [];
  const queue = [...argv];
  for (let index = 0; index < queue.length; index++) {
    const grouped = splitGroup(queue[index] ?? "", options);
    queue.splice(index, 1, ...grouped);
    const word = grouped[0] ?? "";
    if (word === "--") return [...words, ...queue.slice(index)];
    const option = options.find(({ short, long }) => short === word || long === word);
    const value = queue[index + 1];
    if (option?.required && value !== undefined) {
      words.push(word, value);
      index++;
    } else if (option?.optional) {
      words.push(`${option.long}=${String(option.presetArg)}`);
    } else {
      words.push(...splitValue(word, options));
    }
  }
  return words;
}

// `-qn prod`, `-qnprod`: pflag takes short flags without a value in front of another one.
function splitGroup(word: string, options: readonly Option[]): string[] {
  const [, letter, rest = ""] = /^-([A-Za-z])([A-Za-z].*)$/s.exec(word) ?? [];
  const option = options.find(({ short }) => letter !== undefined && short === `-${letter}`);
  if (option === undefined || option.required || option.optional) return [word];
  return [`-${letter}`, `-${rest}`];
}

function splitValue(word: string, options: readonly Option[]): string[] {
  const [, flag, value] = /^(--?[A-Za-z][\w-]*)=(.*)$/s.exec(word) ?? [];
  if (flag === undefined || value === undefined) return [word];
  const option = options.find(({ short, long }) => short === flag || long === flag);
  if (option === undefined) return [word];
  if (option.required) return [flag, value];
  if (option.optional) return [word];
  if (trueWords.test(value)) return [flag];
  if (falseWords.test(value)) return [];
  throw usageError(`invalid argument "${value}" for "${flag}" flag: it is true or false`);
}

// What Go's strconv.ParseBool takes.
const trueWords = /^(1|t|T|TRUE|true|True)$/;
const falseWords = /^(0|f|F|FALSE|false|False)$/;
