import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface VersionCommandOptions extends GlobalFlags {
  client?: boolean;
  output?: string;
}

const examples = `
Examples:
  # Is the server reached, and which version is it?
  kev version

  # For a bug report
  kev version --client -o json`;

/** Declares `kev version`. */
export function versionCommand(program: Command, session: Session): void {
  const command = program
    .command("version")
    .summary("print the versions of kev and of the server")
    .description("Prints the versions of kev and of the API server.")
    .usage("[flags]")
    .option("--client", "print kev's own version only; asks no server")
    .option("-o, --output <format>", "json or yaml (default: a line each)")
    .addHelpText("after", examples);
  command.action(async () => {
    const options: VersionCommandOptions = command.optsWithGlobals();
    await session.run("version", options, async () => (await import("../cli/run-version.ts")).runVersion);
  });
}
