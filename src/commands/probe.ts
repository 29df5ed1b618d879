import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";
import { probeManifestsCommand } from "./probe-manifests.ts";
import { refuseFlagsOf } from "./refuse-flags-of.ts";

/** The flags that say how a target is checked; `-f` has them in its file. */
export interface CheckFlags {
  bodyLimit?: string;
  cacert?: string;
  cert?: string;
  certificateExpiry?: string;
  connectTo?: string;
  expectBody?: string;
  expectStatus?: string;
  failures?: string;
  header?: string[];
  insecure?: boolean;
  interval?: string;
  jitter?: string;
  key?: string;
  method?: string;
  proxy?: string;
  redirects?: string;
  serverName?: string;
  successes?: string;
  timeout?: string;
}

export interface ProbeCommandOptions extends GlobalFlags, CheckFlags {
  urls: string[];
  concurrency?: string;
  filename?: string;
  listen?: string;
  on?: string;
  once?: boolean;
  retryTimeout?: string;
  writeEvery?: string;
}

const description = `Pings sites, for ever, and writes an event on an object when one goes down and when it comes back.

URLs are https://, http://, tcp://HOST:PORT, tls://HOST:PORT and dns://NAME. Without one, on an Ingress: its own hosts and \
paths, as they change.

Down is a row of failed checks: a Warning SitePingFailed, one for each outage, whose count is that of its failed checks. Up \
again is a row of good ones: a Normal SitePingRecovered with the length of the outage. A certificate that runs out soon is a \
Warning SiteCertificateExpiring. What is under way stands in the events: a probe that was killed in an outage goes on with it.

With --once each target is checked one time and told of on stdout; no event is written, and no object is needed.`;

const examples = `
Examples:
  # The hosts and paths of an Ingress
  kev probe --on ingress/ui -n prod

  # One URL, every half minute, and what must stand in its page
  kev probe https://ui.example.com/healthz --on ingress/ui --interval 30s --expect-body '"status": ?"ok"'

  # Many targets
  kev probe -f targets.yaml

  # For a script: exit code 3 when it is down
  kev probe https://ui.example.com/healthz tcp://db.example.com:5432 --once`;

/** Declares `kev probe` and the command below it. */
export function probeCommand(program: Command, session: Session): void {
  const command = program
    .command("probe")
    .summary("ping sites, and tell of outages by events")
    .description(description)
    .usage("(URL... --on TYPE/NAME | --on ingress/NAME | -f FILE) [flags]")
    .argument("[url...]")
    .helpCommand(false)
    .addHelpText("after", examples);
  const flag = (flags: string, text: string): Command => command.option(flags, text);
  flag("--on <object>", "TYPE/NAME of what the events are about");
  flag("-f, --filename <file>", "targets and how they are checked, instead of URLs and flags; - is standard input");
  flag("--once", "check once, print what was seen and write no event; exit code 3 when a target is down");
  flag("--interval <duration>", "time from one check to the next (default: 10s)");
  flag("--jitter <duration>", "what comes on top of it at most, by chance (default: a tenth of it)");
  flag("--timeout <duration>", "for all of a check: name, connection, TLS, answer (default: 5s)");
  flag("--failures <number>", "failed checks in a row until a target is down (default: 3)");
  flag("--successes <number>", "good checks in a row until it is up again (default: 2)");
  flag("--expect-status <codes>", "HTTP statuses that are good, like 200,204 or 2xx (default: 200-399)");
  flag("--expect-body <regex>", "to be found in the body, or in the answers of DNS: RE2");
  flag("--body-limit <size>", "how much of a body is read (default: 1MiB)");
  flag("--certificate-expiry <time>", "tell of certificates that have less left, 0 for never (default: 14d)");
  flag("--method <method>", "of HTTP, without a body (default: GET)");
  command.option(
    "--header <header>",
    "one as 'Name: value', or @FILE with one a line; for the target's own origin only; may be repeated",
    collect,
  );
  flag("--redirects <policy>", "follow, same-host or none (default: follow)");
  flag("--proxy <url>", "http, https or socks5, or none (default: $HTTPS_PROXY, $HTTP_PROXY, $ALL_PROXY, $NO_PROXY)");
  flag("--connect-to <host:port>", "connect there, whatever host the URL names");
  flag("--cacert <file>", "the only authorities to trust for a site (default: Node's)");
  flag("--cert <file>", "client certificate for a site");
  flag("--key <file>", "its key");
  flag("--server-name <name>", "name to ask a site's TLS for (default: the URL's host)");
  flag("--insecure", "do not check certificates of sites; insecure");
  flag(
    "--write-every <duration>",
    "time between count-ups of an event; counts are exact whatever it is (default: 30s)",
  );
  flag("--concurrency <number>", "checks under way at a time (default: 256)");
  flag("--listen <address>", "address of /metrics, /healthz and /readyz, or none (default: :9103)");
  flag("--retry-timeout <duration>", "how long the API server is waited for at the start (default: 30s)");
  probeManifestsCommand(command, session);
  for (const below of command.commands) below.hook("preAction", () => refuseFlagsOf(command, below));
  command.action(async (urls: string[]) => {
    const options: ProbeCommandOptions = { ...command.optsWithGlobals(), urls };
    await session.run("probe", options, async () => (await import("../cli/run-probe.ts")).runProbe);
  });
}
