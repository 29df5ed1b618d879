import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface WaitCommandOptions extends GlobalFlags {
  objects: string[];
  allNamespaces?: boolean;
  component?: string[];
  count?: string;
  failOn?: string[];
  for?: string[];
  match?: string;
  message?: string[];
  new?: boolean;
  output?: string;
  quiet?: boolean;
  showManagedFields?: boolean;
  since?: string;
  timeout?: string;
  tree?: boolean;
  types?: string[];
  utc?: boolean;
}

const description = `Waits until an event with a reason is there, prints it and ends; at once when it is there already.

Ends with 3 when it does not come in time, and with 1 when an event of --fail-on comes.`;

const examples = `
Examples:
  # Go on when the release is approved, at most ten minutes from now
  kev wait deploy/ui-server --for Approval --timeout 10m

  # Only an approval that comes from now on
  kev wait deploy/ui-server --for Approval --new

  # The end of a roll-out, be it good or bad
  kev wait deploy/ui-server --for Deployed --fail-on ProgressDeadlineExceeded

  # Trouble in any of its Pods
  kev wait deploy/ui-server --tree --for BackOff --for Failed --timeout 5m

  # Both of two, whichever comes first
  kev wait deploy/ui-server --for Tested --for Approval --match all

  # The third failure of a nightly job, from now on
  kev wait cronjob/backup --for BackupFailed --count 3 --new`;

/** Declares `kev wait`. */
export function waitCommand(program: Command, session: Session): void {
  const command = program
    .command("wait")
    .summary("wait for an event")
    .description(description)
    .usage("OBJECT... --for REASON [flags]")
    .argument("[object...]", "TYPE/NAME, TYPE NAME... or NAME; none: any object of the namespace")
    .addHelpText("after", examples);
  const flag = (flags: string, description: string): Command => command.option(flags, description);
  const list = (flags: string, description: string): Command => command.option(flags, description, collect);
  list("--for <reason>", "the event's reason; may be repeated");
  flag("--match <how>", "with several --for: any of them, or all (default: any)");
  list("--fail-on <reason>", "end at once, with 1, when an event with this reason is there; may be repeated");
  flag("--timeout <duration>", "how long to wait, like 30s or 10m; 0 looks once, less than 0 is a week (default: 30s)");
  flag("--count <number>", "how many times it must have happened (default: 1)");
  flag("--new", "events that are there already do not count");
  flag("--since <time>", "only events seen since then: how long ago, like 15m, or RFC 3339");
  list("--types <types>", "Normal, Warning, or both with a comma");
  list("--component <names>", "events from one of these components; !NAME: not from it");
  list("--message <regex>", "events whose message matches; (?i) in front ignores case; !REGEX: does not match");
  flag(
    "--tree",
    "also events of all that the objects own, like a Deployment's ReplicaSets and Pods, gone ones included",
  );
  flag("-A, --all-namespaces", "events of all namespaces");
  flag("-o, --output <format>", "as kev events takes it (default: a table)");
  flag("--utc", "times in UTC instead of ages");
  flag("--show-managed-fields", "with -o json, jsonl or yaml: keep managedFields");
  flag("-q, --quiet", "print errors only");
  command.action(async (objects: string[]) => {
    const options: WaitCommandOptions = { ...command.optsWithGlobals(), objects };
    await session.run("wait", options, async () => (await import("../cli/run-wait.ts")).runWait);
  });
}
