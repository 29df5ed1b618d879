import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface RouteSinksCommandOptions extends GlobalFlags {
  output?: string;
  type?: string | undefined;
}

const examples = `
Examples:
  # What events can be sent to
  kev route sinks

  # What a sink for Loki may say in a routing file, with an example
  kev route sinks loki`;

/** Declares `kev route sinks`. */
export function routeSinksCommand(route: Command, session: Session): void {
  const command = route
    .command("sinks")
    .summary("list the types of sinks, or the fields of one")
    .description(
      "Lists the types of sinks that a routing file may have, or the fields, defaults and an example of one.",
    )
    .usage("[TYPE] [flags]")
    .argument("[type]", "type of a sink, such as loki")
    .addHelpText("after", examples)
    .option("-o, --output <format>", "json or yaml (default: a table)");
  command.action(async (type: string | undefined) => {
    const options: RouteSinksCommandOptions = { ...command.optsWithGlobals(), type };
    await session.run("route sinks", options, async () => (await import("../cli/run-route-sinks.ts")).runRouteSinks);
  });
}
