import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";
import { usageError } from "../util/errors.ts";

/** What was asked of `kev run`, before anything is looked up. */
export interface RunCommandOptions extends GlobalFlags {
  /** The program and its arguments. */
  command: string[];
  on: string[];
  annotation?: string[];
  component?: string;
  fieldManager?: string;
  instance?: string;
  key?: string;
  label?: string[];
  mask?: string[];
  message?: string;
  quiet?: boolean;
  reason?: string;
  requireEvents?: boolean;
  retryTimeout?: string;
  showCommand?: boolean;
  tailLines?: string;
}

const description = `Runs a command, and writes an event on objects when it begins and when it has ended.

<Reason>Started when it begins, then <Reason>Succeeded or <Reason>Failed, a Warning with the exit status or the signal, \
how long it took, and the last lines that the command wrote to stderr.

The command has kev's stdin and stdout, its signals and its terminal, and kev ends as the command does. It runs though no \
event can be written; that is said on stderr when it has ended. With --require-events it is not run then.

In the messages passwords in URLs, the values of variables named like secrets (TOKEN, PASSWORD...), if they have 6 \
characters or more, and what --mask matches are ***, and of the command there is its name, unless --show-command is given.

Where stderr is a terminal the command has that, too, and no lines of it are kept unless --tail-lines is given.`;

const examples = `
Examples:
  # Record a migration on the Deployment that it is for
  kev run --on deploy/ui-server --reason Migration -n prod -- ./migrate.sh --to 42

  # On several objects, with what it is about in the messages
  kev run --on statefulset/db --on pvc/data -m "Nightly backup" --reason Backup -- pg_dump -f /backup/db.sql

  # Not without a trace: nothing is run unless its beginning is recorded
  kev run --on node/worker-3 --reason DiskReplacement --require-events -- ./drain-and-replace worker-3

  # The whole command line in the messages, but for what follows a password flag
  kev run --on deploy/ui-server --show-command --mask "--password[= ](.+)" -- ./deploy --password=hunter2

  # A pipeline needs a shell
  kev run --on deploy/ui-server -- sh -c "./export | ./upload"`;

/** Declares `kev run`. */
export function runCommand(program: Command, session: Session): void {
  const command = program
    .command("run")
    .summary("run a command between two events")
    .description(description)
    .usage("--on OBJECT [flags] -- COMMAND [ARGUMENT...]")
    .argument("<command...>", "the program and its arguments, after --; no shell reads them")
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  command.requiredOption(
    "--on <object>",
    "what the events are about: TYPE/NAME, or NAME of a Deployment; may be repeated",
    collect,
  );
  flag("--reason <reason>", "what the reasons begin with, in UpperCamelCase, like Migration (default: Command)");
  flag("-m, --message <text>", "what the messages begin with, at most 768 bytes (default: the command's name)");
  flag("--show-command", "say the whole command line in the messages; arguments may hold secrets");
  command.option("--mask <regex>", "hide in the messages what it matches, or its groups do; may be repeated", collect);
  flag(
    "--tail-lines <number>",
    "lines of stderr in the event of a failure (default: 10; 0 where stderr is a terminal)",
  );
  flag("--require-events", "write the first event before the command is run, and do not run it when that fails");
  flag("--key <key>", "count runs in one event each: same key, object, reason and component");
  flag("--component <name>", "who reports it (default: kev)");
  flag("--instance <name>", "which instance of the component reports it (default: this host's name)");
  command.option("--annotation <key=value>", "annotation of the events; may be repeated", collect);
  command.option("--label <key=value>", "label of the events; may be repeated", collect);
  flag("--field-manager <name>", "name under which the server tracks who set the events' fields (default: kev)");
  flag(
    "--retry-timeout <duration>",
    "how long to try again while the server fails or does not answer, at the end at least 10s (default: 30s)",
  );
  flag("-q, --quiet", "say nothing but which events could not be written");
  command.action(async (words: string[]) => {
    const options: RunCommandOptions = { ...command.optsWithGlobals(), command: behindDashes(words, program) };
    await session.run("run", options, async () => (await import("../cli/run-run.ts")).runRun);
  });
}

// Without the dashes a flag of the command would be taken for one of kev's, today or when kev has more of them.
function behindDashes(words: string[], program: Command): string[] {
  const { rawArgs } = program as Command & { readonly rawArgs: readonly string[] };
  const dashes = rawArgs.indexOf("--");
  const behind = dashes === -1 ? 0 : rawArgs.length - dashes - 1;
  if (behind === words.length) return words;
  const [stray] = words;
  throw usageError(`${JSON.stringify(stray)} stands before --, which the command has to follow`, {
    hint: "like kev run --on deploy/ui-server -- make migrate",
  });
}
