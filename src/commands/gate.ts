import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { Session } from "../cli/session.ts";
import { addGateFlags, type GateFlags } from "./gate-flags.ts";
import { gateManifestsCommand } from "./gate-manifests.ts";

export interface GateServeOptions extends GateFlags {
  address?: string;
  excludeNamespace?: string[];
  namespaceLabel?: string;
  port?: string;
  shutdownDelay?: string;
  tlsCertFile: string;
  tlsPrivateKeyFile: string;
}

export interface GateStatusCommandOptions extends GateFlags {
  objects: string[];
  allNamespaces?: boolean;
  namespaceLabel?: string;
  output?: string;
}

const description = `Holds releases of Deployments back until somebody has approved them.

In gated namespaces a Deployment's new ReplicaSet is refused until an Approval event of this very release is there.`;

const examples = `
Examples:
  # Answer the API server's reviews, with a certificate for the name that the webhook has
  kev gate serve --tls-cert-file tls.crt --tls-private-key-file tls.key`;

const serveDescription = `Answers the API server's reviews of ReplicaSets, and marks Deployments that wait.

The condition kev.dev/Approved on a Deployment says how its release stands; the write of it makes the Deployment \
controller try again. Other paths: /healthz, /readyz and /metrics.`;

const statusExamples = `
Examples:
  # What waits in this namespace
  kev gate status

  # Ask in a CI job whether a release is approved: the exit code is 3 while it is not
  kev gate status deploy/ui-server -n prod

  # Everywhere, for a program
  kev gate status -A -o json`;

/** Declares `kev gate` and the commands below it. */
export function gateCommand(program: Command, session: Session): void {
  const gate = program
    .command("gate")
    .summary("hold releases back until they are approved")
    .description(description)
    .usage("COMMAND [flags]")
    .helpCommand(false)
    .addHelpText("after", examples);
  gate.action(async () => {
    await session.run("gate", undefined, async () => async () => {
      gate.outputHelp();
      return 0;
    });
  });
  serveCommand(gate, session);
  gateManifestsCommand(gate, session);
  statusCommand(gate, session);
}

function serveCommand(gate: Command, session: Session): void {
  const command = gate
    .command("serve")
    .summary("answer the API server's reviews")
    .description(serveDescription)
    .usage("--tls-cert-file FILE --tls-private-key-file FILE [flags]")
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  command.requiredOption("--tls-cert-file <file>", "certificate of the server, PEM; read again when it changes");
  command.requiredOption("--tls-private-key-file <file>", "its private key, PEM");
  flag("--port <number>", "port to listen on; 0 is any that is free (default: 8443)");
  flag("--address <address>", "address to listen on (default: all)");
  addGateFlags(command);
  flag("--namespace-label <key=value>", "label of gated namespaces (default: requireApproval=true)");
  command.option("--exclude-namespace <name>", "not gated whatever its labels; may be repeated", collect);
  flag("--shutdown-delay <duration>", "how long to go on after SIGTERM, until nobody asks any more (default: 5s)");
  command.action(async () => {
    const options: GateServeOptions = command.optsWithGlobals();
    await session.run("gate serve", options, async () => (await import("../cli/run-gate-serve.ts")).runGateServe);
  });
}

function statusCommand(gate: Command, session: Session): void {
  const command = gate
    .command("status")
    .summary("show what waits for approval")
    .description(
      "Shows the releases that wait, or how the release of one Deployment stands; 3 when that is not approved.",
    )
    .usage("[deploy/NAME] [flags]")
    .argument("[object...]", "one Deployment, NAME or deploy/NAME; none: all that wait")
    .addHelpText("after", statusExamples)
    .option("-A, --all-namespaces", "of all namespaces")
    .option("-o, --output <format>", "json or yaml (default: a table)")
    .option("--namespace-label <key=value>", "label of gated namespaces (default: requireApproval=true)");
  addGateFlags(command);
  command.action(async (objects: string[]) => {
    const options: GateStatusCommandOptions = { ...command.optsWithGlobals(), objects };
    await session.run("gate status", options, async () => (await import("../cli/run-gate-status.ts")).runGateStatus);
  });
}
