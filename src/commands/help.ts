import type { Command } from "commander";
import { exitCodesHelp } from "../cli/exit-codes.ts";
import type { Session } from "../cli/session.ts";
import { KevError } from "../util/errors.ts";

const helpExamples = `
Examples:
  # Flags and examples of a command
  kev help emit

  # What each exit code means
  kev help exit-codes`;

const optionsExamples = `
Examples:
  # The flags that every command takes
  kev options`;

/** Declares `kev help` and `kev options`. */
export function helpCommand(program: Command, session: Session): void {
  program
    .command("help")
    .summary("show help about a command, or the exit codes")
    .description("Shows help about a command, or about a topic: exit-codes.")
    .usage("[TOPIC]")
    .argument("[topic...]", "a command, or exit-codes")
    .addHelpText("after", helpExamples)
    .action(async (topic: string[]) => {
      await session.run("help", topic, async () => async (_topic, { stdout }) => {
        if (topic.join(" ") === "exit-codes") stdout.write(exitCodesHelp());
        else commandOf(program, topic).outputHelp();
        return 0;
      });
    });
  program
    .command("options")
    .summary("list the flags that every command takes")
    .description("Lists the flags that every command takes.")
    .usage("[flags]")
    .addHelpText("after", optionsExamples)
    .action(async () => {
      await session.run("options", undefined, async () => async (_options, { stdout }) => {
        stdout.write(globalFlagsHelp(program));
        return 0;
      });
    });
}

function commandOf(program: Command, topic: readonly string[]): Command {
  let command: Command | undefined = program;
  for (const word of topic) command = command?.commands.find((candidate) => candidate.name() === word);
  if (command === undefined) {
    throw new KevError("usage", `unknown help topic "${topic.join(" ")}"`, {
      hint: "run 'kev --help' for the commands",
    });
  }
  return command;
}

function globalFlagsHelp(program: Command): string {
  const help = program.createHelp();
  const terms = program.options.map((option) => help.optionTerm(option));
  const width = Math.max(...terms.map((term) => term.length));
  const lines = program.options.map(
    (option, index) => `  ${terms[index]?.padEnd(width)}  ${help.optionDescription(option)}`,
  );
  return `The following flags can be passed to any command:\n\n${lines.join("\n")}\n`;
}
