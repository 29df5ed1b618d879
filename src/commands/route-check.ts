import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface RouteCheckCommandOptions extends GlobalFlags {
  filename?: string;
}

const description = `Checks a routing file, and asks no server.

Every problem is said at once, with its line: unknown keys, conditions that are none, names of sinks that no entry has, \
secrets that are missing, templates that do not parse, clients that are not installed. The exit code is 2 then.`;

const examples = `
Examples:
  # Check a file before it is used
  kev route check -f routes.yaml`;

/** Declares `kev route check`. */
export function routeCheckCommand(route: Command, session: Session): void {
  const command = route
    .command("check")
    .summary("check a routing file")
    .description(description)
    .usage("-f FILE [flags]")
    .addHelpText("after", examples)
    .option("-f, --filename <file>", "the routing file; - is standard input");
  command.action(async () => {
    const options: RouteCheckCommandOptions = command.optsWithGlobals();
    await session.run("route check", options, async () => (await import("../cli/run-route-check.ts")).runRouteCheck);
  });
}
