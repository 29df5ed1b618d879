import type { Command } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

export interface EventsCommandOptions extends GlobalFlags {
  objects: string[];
  allNamespaces?: boolean;
  chunkSize?: string;
  component?: string[];
  for?: string[];
  grep?: string[];
  /** False with --no-headers. */
  headers?: boolean;
  output?: string;
  reason?: string[];
  showManagedFields?: boolean;
  since?: string;
  sortBy?: string;
  tree?: boolean;
  types?: string[];
  until?: string;
  utc?: boolean;
  watch?: boolean;
}

const description = `Lists or follows events: all of a namespace, or those about the objects that are named.

OBJECT is TYPE/NAME, TYPE NAME... or the NAME of a Deployment. The object need not be there any more: its events outlive it.

Filters may be repeated, and take back what follows a "!": --reason '!Pulled' is all but Pulled.`;

const examples = `
Examples:
  # What happened in this namespace, the latest last
  kev events

  # What happened to one Deployment
  kev events deploy/ui-server

  # What happened to it, its ReplicaSets and its Pods, also those that are gone
  kev events deploy/ui-server --tree

  # The warnings of the last 15 minutes, in all namespaces
  kev events -A --types Warning --since 15m

  # Follow them, also while the server restarts
  kev events -w deploy/ui-server

  # Who approved what, and when
  kev events -A --reason Approval --utc

  # All but the noise, as a JSON line each
  kev events --reason '!Pulled,!Created,!Started' -o jsonl

  # Messages that name an image, with columns of your own
  kev events --grep 'image "nginx' -o custom-columns=WHEN:.lastTimestamp,WHAT:.message`;

/** Declares `kev events`. */
export function eventsCommand(program: Command, session: Session): void {
  const command = program
    .command("events")
    .summary("list or follow events")
    .description(description)
    .usage("[OBJECT...] [flags]")
    .argument("[object...]", "TYPE/NAME, TYPE NAME... or NAME; none: all of the namespace")
    .addHelpText("after", examples);
  const flag = (flags: string, description: string): Command => command.option(flags, description);
  const list = (flags: string, description: string): Command => command.option(flags, description, collect);
  list("--for <type/name>", "an object, as kubectl events takes it; may be repeated");
  flag(
    "--tree",
    "also events of all that the objects own, like a Deployment's ReplicaSets and Pods, gone ones included",
  );
  flag("-w, --watch", "go on with events as they come, through restarts of the server, until interrupted");
  flag("-A, --all-namespaces", "events of all namespaces");
  list("--types <types>", "Normal, Warning, or both with a comma");
  list("--reason <reasons>", "events with one of these reasons, like Failed,BackOff; !REASON: without it");
  list("--component <names>", "events from one of these components, like kubelet; !NAME: not from it");
  list("--grep <regex>", "events whose message matches; (?i) in front ignores case; !REGEX: does not match");
  flag("--since <time>", "events seen since then: how long ago, like 15m, or RFC 3339");
  flag("--until <time>", "events that began before then: how long ago, or RFC 3339");
  flag(
    "-o, --output <format>",
    "wide, json, jsonl, yaml, name, jsonpath=TEMPLATE, custom-columns=SPEC and their -as-json, -file (default: a table)",
  );
  flag("--sort-by <jsonpath>", "order by a field, like .metadata.name (default: when they were last seen)");
  flag("--utc", "times in UTC instead of ages");
  flag("--no-headers", "print the table without its first line");
  flag("--show-managed-fields", "with -o json, jsonl or yaml: keep managedFields");
  flag("--chunk-size <number>", "events in one answer of the server; 0 is all at once (default: 2500)");
  command.action(async (objects: string[]) => {
    const options: EventsCommandOptions = { ...command.optsWithGlobals(), objects };
    await session.run("events", options, async () => (await import("../cli/run-events.ts")).runEvents);
  });
}
