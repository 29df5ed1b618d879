import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";
import { addPodFlags, type PodFlags } from "./pod-flags.ts";

export interface ProbeManifestsCommandOptions extends GlobalFlags, PodFlags {
  createNamespace?: boolean;
  envFromSecret?: string[];
  filename?: string;
  name?: string;
  port?: string;
  serviceMonitor?: boolean;
  targetsNamespace?: string;
  uninstall?: boolean;
  writeEvery?: string;
}

const description = `Prints what installs a probe in the cluster, for kubectl apply -f -.

One Pod: two would tell of each outage twice. It may read the objects that the file names, and write events in their \
namespaces, and nothing else.`;

const examples = `
Examples:
  # Install, and change
  kev probe manifests --image registry.example.com/kev:1.2.3 -f targets.yaml | kubectl apply -f -

  # Headers of the file come from a Secret
  kev probe manifests --image registry.example.com/kev:1.2.3 -f targets.yaml --env-from-secret probe | kubectl apply -f -

  # Take it away again
  kev probe manifests -f targets.yaml --uninstall | kubectl delete --ignore-not-found -f -`;

/** Declares `kev probe manifests`. */
export function probeManifestsCommand(probe: Command, session: Session): void {
  const command = probe
    .command("manifests")
    .summary("print what installs a probe")
    .description(description)
    .usage("(--image IMAGE -f FILE | --uninstall -f FILE) [flags]")
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("--image <image>", "image of the probe's Pod, made with docs/Dockerfile");
  flag("-f, --filename <file>", "targets; becomes a ConfigMap");
  command.option(
    "--env-from-secret <name>",
    "Secret whose members are the variables that the file names; may be repeated",
    collect,
  );
  flag("--name <name>", "of the probe's objects (default: kev-probe)");
  flag("--create-namespace", "make the namespace that -n names (default: only kev-probe, where -n names none)");
  flag("--no-create-namespace", "kev-probe is there already");
  flag("--targets-namespace <name>", "of objects that the file names without one (default: the probe's own)");
  flag("--write-every <duration>", "time between count-ups of an event (default: 30s)");
  flag("--port <number>", "port of metrics and health (default: 9103)");
  flag("--service-monitor", "with a ServiceMonitor of the Prometheus operator");
  addPodFlags(command);
  flag("--uninstall", "print it for kubectl delete -f -");
  command.action(async () => {
    const options: ProbeManifestsCommandOptions = command.optsWithGlobals();
    const load = async () => (await import("../cli/run-probe-manifests.ts")).runProbeManifests;
    await session.run("probe manifests", options, load);
  });
}
