import { Command } from "commander";
import { completionCommand } from "../commands/completion.ts";
import { emitCommand } from "../commands/emit.ts";
import { eventsCommand } from "../commands/events.ts";
import { gateCommand } from "../commands/gate.ts";
import { helpCommand } from "../commands/help.ts";
import { presetsCommand } from "../commands/presets.ts";
import { probeCommand } from "../commands/probe.ts";
import { routeCommand } from "../commands/route.ts";
import { runCommand } from "../commands/run.ts";
import { trackCommand } from "../commands/track.ts";
import { versionCommand } from "../commands/version.ts";
import { waitCommand } from "../commands/wait.ts";
import { version } from "../version.ts";
import { withSubcommands } from "./command-tree.ts";
import { addGlobalFlags } from "./global-flags.ts";
import { helpLayout } from "./help-layout.ts";
import type { Session } from "./session.ts";

const footer = `
Use "kev help COMMAND" for a command's flags and examples, "kev options" for the flags that every
command takes, "kev help exit-codes" for the exit codes.`;

// kubectl's line, so that nobody looks for --namespace in vain.
const commandFooter = `
Use "kev options" for the flags that every command takes: --namespace, --context, --kubeconfig, …`;

/** In the order of the help page. */
const commands: Readonly<Record<string, (program: Command, session: Session) => void>> = {
  emit: emitCommand,
  events: eventsCommand,
  wait: waitCommand,
  gate: gateCommand,
  route: routeCommand,
  probe: probeCommand,
  run: runCommand,
  track: trackCommand,
  presets: presetsCommand,
  version: versionCommand,
  completion: completionCommand,
  help: helpCommand,
};

/** The names of kev's commands; `options` is declared beside `help`. */
export const commandNames: readonly string[] = [...Object.keys(commands), "options"];

/**
 * kev's commands and flags; what they do is loaded only when one is run.
 *
 * @param first word of the command line: when it is a command that says nothing of the others, only that one is declared,
 * which saves milliseconds of each start
 */
export function createProgram(session: Session, first = ""): Command {
  const program = new Command("kev")
    .description("Writes and reads Kubernetes Events about any object of a cluster.")
    .usage("COMMAND [flags]")
    .helpCommand(false)
    .version(version, "--version", "print kev's own version")
    .helpOption("-h, --help", "show help");
  addGlobalFlags(program);
  program.configureHelp(helpLayout(program, footer));
  const isAlone = first !== "help" && Object.hasOwn(commands, first);
  for (const [name, declare] of Object.entries(commands)) if (!isAlone || name === first) declare(program, session);
  for (const command of withSubcommands(program).slice(1)) command.addHelpText("after", commandFooter);
  return program;
}
