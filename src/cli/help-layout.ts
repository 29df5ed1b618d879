import { type Command, Help, type Option } from "commander";

/** A flag as help pages show it: `-n, --namespace <name>`, `--dry-run[=<mode>]`. */
export function flagTerm(option: Option): string {
  // A value that may be left out is never the next word, as in kubectl.
  return option.flags.replace(/ \[(.+)\]$/, "[=<$1>]");
}

/**
 * How help pages look, for commander's `configureHelp`: arguments in capitals as in the usage line, commands by name, flags
 * as they are described (defaults stand in the descriptions). The page of `program` shows no flags, since those of
 * connection would bury the commands: `kev options` lists them, as kubectl does. It ends in `footer`.
 */
export function helpLayout(program: Command, footer: string): Partial<Help> {
  return {
    visibleOptions: (command) => (command === program ? [] : command.options.filter((option) => !option.hidden)),
    optionTerm: flagTerm,
    optionDescription: ({ description }) => description,
    argumentTerm: (argument) => argument.name().toUpperCase() + (argument.variadic ? "..." : ""),
    subcommandTerm: (command) => command.name(),
    formatHelp: (command, help) =>
      Help.prototype.formatHelp.call(help, command, help) + (command === program ? `${footer}\n` : ""),
  };
}
