import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface RouteConvertCommandOptions extends GlobalFlags {
  file: string;
}

const description = `Turns a config of kubernetes-event-exporter into a routing file, and asks no server.

The file goes to stdout. Everything that it does not carry over, or that behaves otherwise, is said on stderr. A ConfigMap \
that holds the config will do.`;

const examples = `
Examples:
  # Convert a config, and read what is different; kev route check -f routes.yaml checks the outcome
  kev route convert config.yaml > routes.yaml

  # From the cluster
  kubectl get configmap -n monitoring event-exporter-cfg -o yaml | kev route convert -`;

/** Declares `kev route convert`. */
export function routeConvertCommand(route: Command, session: Session): void {
  const command = route
    .command("convert")
    .summary("turn a config of kubernetes-event-exporter into a routing file")
    .description(description)
    .usage("FILE [flags]")
    .argument("<file>", "the config; - is standard input")
    .addHelpText("after", examples);
  command.action(async (file: string) => {
    const options: RouteConvertCommandOptions = { ...command.optsWithGlobals(), file };
    const load = async () => (await import("../cli/run-route-convert.ts")).runRouteConvert;
    await session.run("route convert", options, load);
  });
}
