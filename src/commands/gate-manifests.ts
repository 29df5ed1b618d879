import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { Session } from "../cli/session.ts";
import { addGateFlags, type GateFlags } from "./gate-flags.ts";
import { addPodFlags, type PodFlags } from "./pod-flags.ts";

export interface GateManifestsCommandOptions extends GateFlags, PodFlags {
  caBundle?: string;
  certManager?: boolean;
  certManagerIssuer?: string;
  /** False with --no-create-namespace. */
  createNamespace?: boolean;
  excludeNamespace?: string[];
  name?: string;
  namespaceLabel?: string;
  /** False with --no-policy. */
  policy?: boolean;
  port?: string;
  replicas?: string;
  shutdownDelay?: string;
  tlsCertFile?: string;
  tlsPrivateKeyFile?: string;
  tlsSecret?: string;
  uninstall?: boolean;
  url?: string;
  webhookTimeout?: string;
}

const description = `Prints what installs a gate, for kubectl apply -f -.

With --image the gate runs in the cluster: a namespace, an identity with the rights that it needs, two Pods behind a \
Service, and the webhook. With --url it runs outside: the webhook alone. Both come with the policy on decisions, and with \
the ClusterRoles kev-approver, kev-break-glass and kev-policy-viewer, which are bound to nobody.`;

const examples = `
Examples:
  # Run it in the cluster, with a certificate that cert-manager makes and renews
  kev gate manifests --image registry.example.com/kev:0.1.0 --cert-manager | kubectl apply -f -

  # The same with a certificate of your own for kev-gate.kev-gate.svc
  kev gate manifests --image kev:0.1.0 --ca-bundle ca.crt --tls-cert-file tls.crt --tls-private-key-file tls.key

  # Let the API server ask a gate that runs outside the cluster
  kev gate manifests --url https://gate.example.com:8443/ --ca-bundle ca.crt | kubectl apply -f -

  # Take either away again, the webhook first
  kev gate manifests --uninstall | kubectl delete --ignore-not-found -f -`;

/** Declares `kev gate manifests`. */
export function gateManifestsCommand(gate: Command, session: Session): void {
  const command = gate
    .command("manifests")
    .summary("print what installs a gate")
    .description(description)
    .usage("(--image IMAGE | --url URL | --uninstall) [flags]")
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("--image <image>", "image of the gate's Pods, made with docs/Dockerfile");
  flag("--url <url>", "where the API server reaches a gate outside the cluster, with https://");
  flag("--ca-bundle <file>", "certificate of the authority that signed the gate's, PEM");
  flag("--tls-cert-file <file>", "the gate's certificate, PEM, for NAME.NAMESPACE.svc; printed as a Secret");
  flag("--tls-private-key-file <file>", "its private key, PEM; printed as part of that Secret");
  flag("--tls-secret <name>", "Secret with the gate's certificate (default: NAME-tls)");
  flag("--cert-manager", "let cert-manager make the certificate, by an authority of the gate's own");
  flag("--cert-manager-issuer <issuer>", "let this Issuer of cert-manager make it: NAME, or ClusterIssuer/NAME");
  flag("--name <name>", "of the gate's objects (default: kev-gate)");
  flag("--create-namespace", "make the namespace that -n names (default: only kev-gate, where -n names none)");
  flag("--no-create-namespace", "kev-gate is there already");
  addGateFlags(command);
  flag("--no-policy", "leave the policy on decisions and the roles for people out");
  flag("--namespace-label <key=value>", "label of gated namespaces (default: requireApproval=true)");
  command.option("--exclude-namespace <name>", "never gate this namespace; may be repeated", collect);
  flag("--webhook-timeout <duration>", "how long the API server waits for an answer, 1s to 30s (default: 5s)");
  flag("--replicas <number>", "how many Pods (default: 2)");
  flag("--port <number>", "port on which the Pods listen (default: 8443)");
  flag("--shutdown-delay <duration>", "how long a Pod goes on after SIGTERM (default: 5s)");
  addPodFlags(command);
  flag("--uninstall", "print it for kubectl delete -f -, in the order that leaves no webhook behind");
  command.action(async () => {
    const options: GateManifestsCommandOptions = command.optsWithGlobals();
    const load = async () => (await import("../cli/run-gate-manifests.ts")).runGateManifests;
    await session.run("gate manifests", options, load);
  });
}
