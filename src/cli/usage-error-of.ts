import type { Command, CommanderError } from "commander";
import { KevError } from "../util/errors.ts";
import { didYouMean, nearest } from "../util/nearest.ts";
import { calledCommand, commandPath } from "./command-tree.ts";

/**
 * Commander's complaint about `argv` in kubectl's words.
 *
 * @param spoken puts `kev`, or `kev emit`, into the words of who called it by another name
 */
export function usageErrorOf(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
  spoken = (text: string): string => text,
): KevError {
  const command = calledCommand(program, argv);
  const path = spoken(command === program ? "kev" : `kev ${commandPath(command)}`);
  const see = `see '${path} --help' for help and examples`;
  // Without a value: `--tokn=SECRET` is a slip, too.
  const quoted = (/'([^']*)'/.exec(error.message)?.[1] ?? "").split("=", 1)[0] ?? "";
  const text = error.message.replace(/^error: /, "").replaceAll(/\n[\s\S]*/g, "");
  switch (error.code) {
    case "commander.unknownOption": {
      const flag = quoted.startsWith("--")
        ? `unknown flag: ${quoted}`
        : `unknown shorthand flag: '${quoted[1] ?? ""}' in ${quoted}`;
      const flags = [...command.options, ...program.options].flatMap(({ long }) => long ?? []);
      return new KevError("usage", flag, { hint: didYouMean(nearest(quoted, flags)) ?? see });
    }
    case "commander.unknownCommand":
      return unknownCommand(quoted, path, command);
    case "commander.optionMissingArgument":
      return new KevError(
        "usage",
        `flag needs an argument: ${quoted.split(/[ ,]+/).find((word) => word.startsWith("--")) ?? quoted}`,
        {
          hint: see,
        },
      );
    case "commander.missingArgument":
      return new KevError("usage", `missing ${quoted.toUpperCase()}`, { hint: see });
    case "commander.missingMandatoryOptionValue":
      // kubectl's text.
      return new KevError("usage", `required flag(s) "${/--([\w-]+)/.exec(quoted)?.[1] ?? quoted}" not set`, {
        hint: see,
      });
    case "commander.excessArguments":
      if (command.commands.length > 0) return unknownCommand(command.args[0] ?? "", path, command);
      return new KevError(
        "usage",
        `${path} takes fewer arguments: ${text.replace(/^.*Expected /, "expected ").replace(/\.$/, "")}`,
        { hint: see },
      );
    case "commander.invalidArgument": {
      const why = /Allowed choices are (.*?)\.?$/.exec(text)?.[1] ?? "";
      const [, operand, name = ""] =
        /^command-argument value '(.*)' is invalid for argument '([^']*)'/.exec(text) ?? [];
      if (operand !== undefined) {
        return new KevError("usage", `invalid ${name.toUpperCase()} "${operand}": it is one of ${why}`, { hint: see });
      }
      const [, flag = "", value = ""] = /^option '([^']*)' argument '(.*)' is invalid/.exec(text) ?? [];
      const shown = flag.replace(/ <.*$/, "");
      return new KevError("usage", `invalid argument "${value}" for "${shown}" flag: it is one of ${why}`, {
        hint: see,
      });
    }
    default:
      return new KevError("usage", text, { hint: see });
  }
}

function unknownCommand(word: string, path: string, { commands }: Command): KevError {
  const names = commands.map((candidate) => candidate.name());
  return new KevError("usage", `unknown command "${word}" for "${path}"`, {
    hint: didYouMean(nearest(word, names)) ?? `run '${path} --help' for usage`,
  });
}
