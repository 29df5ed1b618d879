import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface RouteTestCommandOptions extends GlobalFlags {
  events: string[];
  filename?: string;
  object?: string;
  output?: string;
}

const description = `Says where events would go, and why, sending nothing and asking no server.

EVENT is a file of Events, Lists of them, or lines of kev route, as YAML or JSON; - is standard input. For each event it is \
said which routes it enters, what their conditions wanted and found, and what each sink would get; secrets are masked.`;

const examples = `
Examples:
  # Where would the events of a namespace go?
  kubectl get events -n prod -o json | kev route test -f routes.yaml -

  # With the object that the event is about, for routes that ask for its labels
  kubectl get pod ui-server-1 -o yaml > pod.yaml
  kev route test -f routes.yaml --object pod.yaml event.yaml

  # For a program
  kev route test -f routes.yaml event.yaml -o json`;

/** Declares `kev route test`. */
export function routeTestCommand(route: Command, session: Session): void {
  const command = route
    .command("test")
    .summary("say where events would go, and why")
    .description(description)
    .usage("-f FILE EVENT... [flags]")
    .argument("[event...]", "files of events; - is standard input")
    .addHelpText("after", examples)
    .option("-f, --filename <file>", "the routing file; - is standard input")
    .option("--object <file>", "the objects that the events are about, YAML or JSON")
    .option("-o, --output <format>", "json or yaml (default: text)");
  command.action(async (events: string[]) => {
    const options: RouteTestCommandOptions = { ...command.optsWithGlobals(), events };
    await session.run("route test", options, async () => (await import("../cli/run-route-test.ts")).runRouteTest);
  });
}
