import { CommanderError } from "commander";
import { InterruptedError } from "../util/interrupted-error.ts";
import { asCalled, type Calling, calledPlainly } from "./as-called.ts";
import { calledCommand, withSubcommands } from "./command-tree.ts";
import type { Context } from "./context.ts";
import { normalizeArgv } from "./normalize-argv.ts";
import { exitCodeOf, printError } from "./print-error.ts";
import { commandNames, createProgram } from "./program.ts";
import type { Session } from "./session.ts";
import { usageErrorOf } from "./usage-error-of.ts";

/** The exit code of `kev run` when it fails itself, as that of env, timeout and docker run: all others are the command's. */
const failureOfRun = 125;

/**
 * The whole program.
 *
 * @param argv the words after `kev`
 * @param calling what the user typed in place of `kev`
 * @returns the exit code; nothing else ends the process
 */
export async function main(
  argv: readonly string[],
  context: Context,
  calling: Calling = calledPlainly,
): Promise<number> {
  if (argv[0]?.startsWith("__complete")) {
    // Its words are those of another command line.
    return await (await import("./completion/run-complete.ts")).runComplete(argv, context);
  }
  let exitCode = 0;
  const session: Session = {
    run: async (_name, options, load) => {
      const run = await load();
      exitCode = await run(options, context);
    },
  };
  const program = createProgram(session, argv[0]);
  const spoken = (text: string): string => asCalled(text, calling, commandNames);
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => context.stdout.write(spoken(text)),
      // Commander's own error lines; kev prints them in kubectl's words.
      writeErr: () => undefined,
      getOutHelpWidth: () => context.stdout.columns ?? 120,
      getOutHasColors: () => false,
    });
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync(normalizeArgv(argv, program), { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const shown = error instanceof CommanderError ? usageErrorOf(error, program, argv, spoken) : error;
    printError(shown, context, { spoken });
    const isOfRun = calledCommand(program, argv).name() === "run" && !(shown instanceof InterruptedError);
    return isOfRun ? failureOfRun : exitCodeOf(shown);
  }
}
