import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";
import { addPodFlags, type PodFlags } from "./pod-flags.ts";

export interface RouteManifestsCommandOptions extends GlobalFlags, PodFlags {
  alerts?: boolean;
  compat?: string;
  /** False with --no-create-namespace. */
  createNamespace?: boolean;
  dashboard?: boolean;
  dashboardConfigMap?: boolean;
  envFromSecret?: string[];
  eventTtl?: string;
  eventsNamespace?: string;
  filename?: string;
  fromNow?: boolean;
  name?: string;
  objectMetrics?: boolean;
  objectResources?: string[];
  port?: string;
  prometheusRule?: boolean;
  replicas?: string;
  serviceMonitor?: boolean;
  state?: string;
  storage?: string;
  storageClass?: string;
  uninstall?: boolean;
}

const description = `Prints what installs a router in the cluster, for kubectl apply -f -.

A namespace, an identity that may list and watch events, the routing file, and a StatefulSet with a volume for what is \
under way. Objects may be read only where the routing file asks for their labels, annotations or owners.

With --dashboard or --alerts it prints a file for Grafana or Prometheus instead. Where the operators of these run, \
--dashboard-config-map, --prometheus-rule and --service-monitor put the same into the cluster.`;

const examples = `
Examples:
  # Every event as a line of JSON in the Pod's log, and metrics
  kev route manifests --image registry.example.com/kev:0.1.0 | kubectl apply -f -

  # By a routing file, whose secrets are in a Secret that is there already
  kev route manifests --image kev:0.1.0 -f routes.yaml --env-from-secret kev-route-secrets | kubectl apply -f -

  # With all that the Prometheus operator and Grafana need
  kev route manifests --image kev:0.1.0 --service-monitor --prometheus-rule --dashboard-config-map

  # The dashboard, to be imported into Grafana
  kev route manifests --dashboard

  # Take the router away again; its volumes stay
  kev route manifests --uninstall | kubectl delete --ignore-not-found -f -`;

/** Declares `kev route manifests`. */
export function routeManifestsCommand(route: Command, session: Session): void {
  const command = route
    .command("manifests")
    .summary("print what installs a router")
    .description(description)
    .usage("(--image IMAGE [-f FILE] | --dashboard | --alerts | --uninstall) [flags]")
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("--image <image>", "image of the router's Pods, made with docs/Dockerfile");
  flag("-f, --filename <file>", "routes and sinks; becomes a ConfigMap (default: every event to stdout)");
  command.option(
    "--env-from-secret <name>",
    "Secret whose members are the variables that the file names; may be repeated",
    collect,
  );
  flag("--name <name>", "of the router's objects (default: kev-route)");
  flag("--create-namespace", "make the namespace that -n names (default: only kev-route, where -n names none)");
  flag("--no-create-namespace", "kev-route is there already");
  flag("--events-namespace <name>", "follow the events of this namespace only (default: all)");
  command.option(
    "--object-resources <types>",
    "types whose objects may be read, like pods,deployments.apps, or all (default: all but Secrets and custom ones)",
    collect,
  );
  flag("--state <place>", "postgres://… without its password, or none (default: a file on a volume)");
  flag("--storage <quantity>", "size of the volume (default: 2Gi)");
  flag("--storage-class <name>", "its storage class (default: the cluster's)");
  flag("--replicas <number>", "how many Pods, of which one routes and the others wait for it to end (default: 1)");
  flag("--from-now", "at the very first start, leave out the events that are there already");
  flag("--event-ttl <duration>", "how long the server keeps events (default: 1h)");
  flag("--port <number>", "port of metrics and health (default: 9102)");
  flag("--compat <names>", "metrics of these as well: eventrouter,event_exporter");
  flag("--object-metrics", "count by object as well: one series for each");
  flag("--service-monitor", "with a ServiceMonitor of the Prometheus operator");
  flag("--prometheus-rule", "with the alert rules as a PrometheusRule of the Prometheus operator");
  flag("--dashboard-config-map", "with the dashboard as a ConfigMap for Grafana's sidecar");
  addPodFlags(command);
  flag("--dashboard", "print the dashboard for Grafana, JSON, and nothing else");
  flag("--alerts", "print the alert rules for Prometheus, YAML, and nothing else");
  flag("--uninstall", "print it for kubectl delete -f -");
  command.action(async () => {
    const options: RouteManifestsCommandOptions = command.optsWithGlobals();
    const load = async () => (await import("../cli/run-route-manifests.ts")).runRouteManifests;
    await session.run("route manifests", options, load);
  });
}
