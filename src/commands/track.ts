import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";
import { refuseFlagsOf } from "./refuse-flags-of.ts";
import { addTrackFlags, type TrackFlags } from "./track-flags.ts";
import { trackManifestsCommand } from "./track-manifests.ts";

export interface TrackCommandOptions extends GlobalFlags, TrackFlags {
  allNamespaces?: boolean;
  component?: string;
  instance?: string;
  listen?: string;
  output?: string;
  quiet?: boolean;
  showManagedFields?: boolean;
  state?: string;
  types: string[];
}

const description = `Writes an event on each object of some types that is created, changed or deleted, for ever.

The event says which paths have changed, from what to what, and which field manager did it, as the server has noted it: \
kubectl-edit, helm, a controller. TYPE is what kubectl takes: deployments, cm, TYPE.GROUP, custom resources.

Left out are status and what controllers write beside their work. Values of Secrets are never shown, kept or logged; of \
ConfigMaps' data, env, args and what bears a name like password only the paths are told.

What is known is remembered in a file: nothing is lost and nothing is doubled when kev or the API server is down for a \
while. What is there at the very first start is where it begins.`;

const examples = `
Examples:
  # Who changes which Deployment of the cluster, and what
  kev track deployments

  # Also ConfigMaps and Secrets, in one namespace
  kev track deployments configmaps secrets -n prod

  # Nothing but images and replicas
  kev track deploy --only spec.replicas --only 'spec.template.spec.containers[*].image'

  # Not what the autoscaler and other controllers do
  kev track deploy --ignore-manager kube-controller-manager

  # Read what was written
  kubectl get events -A --field-selector source=kev-track`;

/** Declares `kev track` and the command below it. */
export function trackCommand(program: Command, session: Session): void {
  const command = program
    .command("track")
    .summary("write an event on objects when they change")
    .description(description)
    .usage("TYPE... [flags]")
    .argument("[type...]", "types of objects, like deployments or configmaps,secrets")
    .helpCommand(false)
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("-A, --all-namespaces", "objects of all namespaces, which is the default; -n takes those of one");
  addTrackFlags(command);
  flag("--state <file>", "what is remembered: a file, or none (default: in $XDG_STATE_HOME/kev)");
  flag("--listen <address>", "address of /metrics, /healthz and /readyz, or none (default: :9104)");
  flag("--component <name>", "who reports the events (default: kev-track)");
  flag("--instance <name>", "which instance of the component reports them (default: this host's name)");
  flag("-o, --output <format>", "name, json, yaml, jsonpath=TEMPLATE, jsonpath-as-json=TEMPLATE or jsonpath-file=FILE");
  flag("--show-managed-fields", "with -o json or yaml: keep managedFields");
  flag("-q, --quiet", "print no line for each event");
  trackManifestsCommand(command, session);
  for (const below of command.commands) below.hook("preAction", () => refuseFlagsOf(command, below));
  command.action(async (types: string[]) => {
    const options: TrackCommandOptions = { ...command.optsWithGlobals(), types };
    await session.run("track", options, async () => (await import("../cli/run-track.ts")).runTrack);
  });
}
