import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface PresetsCommandOptions extends GlobalFlags {
  output?: string;
  /** False with --no-headers. */
  headers?: boolean;
}

const examples = `
Examples:
  # All presets
  kev presets

  # With their messages, components and kinds
  kev presets -o wide

  # With those of a config file that is not in this folder
  kev presets --config deploy/kev.yaml

A preset of your own, in kev.yaml:
  presets:
    smoke-tested:
      reason: SmokeTested
      message: Smoke tests passed
      component: ci`;

/** Declares `kev presets`. */
export function presetsCommand(program: Command, session: Session): void {
  const command = program
    .command("presets")
    .summary("list the presets and where each comes from")
    .description(
      'Lists the presets that "kev emit" takes: those built in and those of your config file. Asks no server.',
    )
    .usage("[flags]")
    .option("-o, --output <format>", "wide, name, json or yaml (default: a table)")
    .option("--no-headers", "print the table without its first line")
    .addHelpText("after", examples);
  command.action(async () => {
    const options: PresetsCommandOptions = command.optsWithGlobals();
    await session.run("presets", options, async () => (await import("../cli/run-presets.ts")).runPresets);
  });
}
