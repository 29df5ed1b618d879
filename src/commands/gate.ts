import type { Command } from "commander";
import type { Session } from "../cli/session.ts";
import { addGateFlags, type GateFlags } from "./gate-flags.ts";

export interface GateServeOptions extends GateFlags {
  address?: string;
  port?: string;
  shutdownDelay?: string;
  tlsCertFile: string;
  tlsPrivateKeyFile: string;
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
    await session.run("gate", undefined, async () => async (_options, { stdout }) => {
      stdout.write(gate.helpInformation());
      return 0;
    });
  });
  serveCommand(gate, session);
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
  flag("--shutdown-delay <duration>", "how long to go on after SIGTERM, until nobody asks any more (default: 5s)");
  command.action(async () => {
    const options: GateServeOptions = command.optsWithGlobals();
    await session.run("gate serve", options, async () => (await import("../cli/run-gate-serve.ts")).runGateServe);
  });
}
