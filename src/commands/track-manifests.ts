import type { Command } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";
import { addPodFlags, type PodFlags } from "./pod-flags.ts";
import { addTrackFlags, type TrackFlags } from "./track-flags.ts";

export interface TrackManifestsCommandOptions extends GlobalFlags, PodFlags, TrackFlags {
  /** False with --no-create-namespace. */
  createNamespace?: boolean;
  name?: string;
  objectsNamespace?: string;
  port?: string;
  serviceMonitor?: boolean;
  state?: string;
  storage?: string;
  storageClass?: string;
  types: string[];
  uninstall?: boolean;
}

const description = `Prints what installs a tracker in the cluster, for kubectl apply -f -.

A namespace, an identity that may list and watch these types and create events, and a StatefulSet with a volume for what \
is known of them.

The types are those of Kubernetes itself as kubectl takes them, and custom ones as PLURAL.GROUP: the cluster is not asked.`;

const examples = `
Examples:
  # Of all namespaces
  kev track manifests deployments configmaps --image registry.example.com/kev:0.1.0 | kubectl apply -f -

  # Of one namespace, with a custom type
  kev track manifests deploy certificates.cert-manager.io --objects-namespace prod --image registry.example.com/kev:0.1.0

  # Take it away again
  kev track manifests deployments configmaps --uninstall | kubectl delete --ignore-not-found -f -`;

/** Declares `kev track manifests` below `track`. */
export function trackManifestsCommand(track: Command, session: Session): void {
  const command = track
    .command("manifests")
    .summary("print what installs a tracker in a cluster")
    .description(description)
    .usage("TYPE... --image IMAGE [flags]")
    .argument("[type...]", "types of objects, like deployments or certificates.cert-manager.io")
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("--image <image>", "image that runs kev; docs/Dockerfile makes one");
  flag("--name <name>", "of the tracker's objects (default: kev-track)");
  flag("--create-namespace", "make the namespace that -n names (default: only kev-track, where -n names none)");
  flag("--no-create-namespace", "kev-track is there already");
  flag("--objects-namespace <name>", "track the objects of this namespace only (default: all)");
  addTrackFlags(command);
  flag("--state <place>", "none: remember nothing (default: a file on a volume)");
  flag("--storage <quantity>", "size of the volume (default: 2Gi)");
  flag("--storage-class <name>", "its storage class (default: the cluster's)");
  flag("--port <number>", "port of metrics and health (default: 9104)");
  flag("--service-monitor", "with a ServiceMonitor of the Prometheus operator");
  addPodFlags(command);
  flag("--uninstall", "print it for kubectl delete -f -");
  command.action(async (types: string[]) => {
    const options: TrackManifestsCommandOptions = { ...command.optsWithGlobals(), types };
    const load = async () => (await import("../cli/run-track-manifests.ts")).runTrackManifests;
    await session.run("track manifests", options, load);
  });
}
