import { Argument, type Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface CompletionCommandOptions extends GlobalFlags {
  shell: string;
}

const description = `Prints the script with which a shell completes kev's commands, flags, presets and objects.

Types, names, namespaces and reasons come from the cluster that the command line means, and what does not come within two \
seconds is left out.`;

const examples = `
Examples:
  # In bash, now; in ~/.bashrc, for ever
  source <(kev completion bash)

  # In zsh, where compinit has run: in ~/.zshrc
  source <(kev completion zsh)

  # In fish, for ever
  kev completion fish > ~/.config/fish/completions/kev.fish`;

/** Declares `kev completion`. */
export function completionCommand(program: Command, session: Session): void {
  const command = program
    .command("completion")
    .summary("print the script that completes kev in a shell")
    .description(description)
    .usage("SHELL")
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", examples);
  command.action(async (shell: string) => {
    const options: CompletionCommandOptions = { ...command.optsWithGlobals(), shell };
    await session.run("completion", options, async () => (await import("../cli/run-completion.ts")).runCompletion);
  });
}
