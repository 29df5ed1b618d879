import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";
import { refuseFlagsOf } from "./refuse-flags-of.ts";
import { routeCheckCommand } from "./route-check.ts";
import { routeConvertCommand } from "./route-convert.ts";
import { routeManifestsCommand } from "./route-manifests.ts";
import { routeSinksCommand } from "./route-sinks.ts";
import { routeTestCommand } from "./route-test.ts";

export interface RouteCommandOptions extends GlobalFlags {
  allNamespaces?: boolean;
  compat?: string;
  eventTtl?: string;
  filename?: string;
  forgetSink?: string[];
  fromNow?: boolean;
  leaderElect?: boolean;
  leaderElectLeaseDuration?: string;
  leaderElectRenewDeadline?: string;
  leaderElectResourceName?: string;
  leaderElectResourceNamespace?: string;
  leaderElectRetryPeriod?: string;
  listen?: string;
  objectMetrics?: boolean;
  state?: string;
}

const description = `Follows the events of the cluster and sends them on, for ever.

Without a file: a JSON line on stdout for each change that carries an occurrence, the log on stderr, and metrics for \
Prometheus. A file says which events go to which sinks.

What is under way is remembered in a file: nothing is lost and nothing is doubled when kev, the API server or a sink is \
down for a while. A delivery that has to be repeated has the same id as before.`;

const examples = `
Examples:
  # Every event of every namespace, for a log shipper
  kev route

  # Which events go where stands in a file
  kev route check -f routes.yaml
  kev route -f routes.yaml

  # Only what happens from now on in one namespace, remembering nothing
  kev route -n prod --from-now --state none --listen none`;

/** Declares `kev route` and the commands below it. */
export function routeCommand(program: Command, session: Session): void {
  const command = program
    .command("route")
    .summary("send events on to other systems")
    .description(description)
    .usage("[-f FILE] [flags]")
    .helpCommand(false)
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("-f, --filename <file>", "routes and sinks (default: every event to stdout)");
  flag("-A, --all-namespaces", "the events of all namespaces, which is the default; -n takes those of one");
  flag("--state <file>", "what is remembered: a file, postgres://…, or none (default: in $XDG_STATE_HOME/kev)");
  flag("--listen <address>", "address of /metrics, /healthz and /readyz, or none (default: :9102)");
  flag("--from-now", "at the very first start, leave out the events that are there already");
  flag("--event-ttl <duration>", "how long the server keeps events, to tell when some expired unseen (default: 1h)");
  command.option("--forget-sink <name>", "give up what waits for a sink that the file no longer has", collect);
  flag("--compat <names>", "metrics of these as well, for dashboards that know them: eventrouter,event_exporter");
  flag("--object-metrics", "count by object as well: one series for each");
  flag("--leader-elect", "run only while holding a Lease, beside replicas that wait for it");
  flag("--leader-elect-resource-name <name>", "the Lease (default: kev-route)");
  flag("--leader-elect-resource-namespace <name>", "its namespace (default: that of the connection)");
  flag("--leader-elect-lease-duration <duration>", "how long a holder is not asked after (default: 15s)");
  flag("--leader-elect-renew-deadline <duration>", "how long a holder tries to renew it (default: 10s)");
  flag("--leader-elect-retry-period <duration>", "time between tries (default: 2s)");
  routeCheckCommand(command, session);
  routeTestCommand(command, session);
  routeConvertCommand(command, session);
  routeSinksCommand(command, session);
  // What the router alone understands would be taken without a word.
  for (const below of command.commands) below.hook("preAction", () => refuseFlagsOf(command, below));
  routeManifestsCommand(command, session);
  command.action(async () => {
    const options: RouteCommandOptions = command.optsWithGlobals();
    await session.run("route", options, async () => (await import("../cli/run-route.ts")).runRoute);
  });
}
