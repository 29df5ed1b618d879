import { type Command, Option } from "commander";
import { collect } from "../cli/collect.ts";
import type { GlobalFlags } from "../cli/global-flags.ts";
import type { Session } from "../cli/session.ts";

/** What was asked of `kev emit`, before anything is looked up. */
export interface EmitCommandOptions extends GlobalFlags {
  what?: string;
  objects: string[];
  action?: string;
  all?: boolean;
  allNamespaces?: boolean;
  annotation?: string[];
  at?: string;
  batch?: string;
  component?: string;
  container?: string;
  digest?: string;
  dryRun?: string;
  expires?: string;
  fieldManager?: string;
  filename?: string[];
  instance?: string;
  key?: string;
  kind?: string;
  label?: string[];
  message?: string;
  once?: boolean;
  output?: string;
  quiet?: boolean;
  reason?: string;
  recursive?: boolean;
  related?: string;
  retryTimeout?: string;
  selector?: string;
  showManagedFields?: boolean;
  truncate?: boolean;
  type?: string;
}

const description = `Looks objects up and creates one event on each.

WHAT is a preset in lower case ("kev presets" lists them) or a reason in UpperCamelCase.

OBJECT is what kubectl takes: TYPE/NAME, TYPE NAME..., TYPE -l SELECTOR, TYPE --all or -f FILE. \
A NAME without a type is of the preset's kind, else a Deployment; --kind names another.

With --batch there is neither: each line of the file is JSON, like {"object":"deploy/ui","preset":"deployed","message":"1.27"}, \
with the members object, kind, namespace, preset, reason, message, type, component, instance, action, related, container, \
labels, annotations, at, key, once, digest, expires and truncate, which mean what the flags do.`;

const examples = `
Examples:
  # Approve the release of a Deployment, as a CI job or a person
  kev emit approve ui-server -n prod

  # The same, but only for the next two hours
  kev emit approve ui-server -n prod --expires 2h

  # Record a step of a runbook, on any object, under a reason of your own
  kev emit SchemaMigrated statefulset/db -m "Migrated to version 42"

  # Say that work on a Node has begun, with a link to the ticket
  kev emit maintenance-start node/worker-3 -m "Replacing the disk" --annotation example.com/ticket=OPS-311

  # Write on all objects of some manifests, or on those that a selector finds
  kev emit deployed -f deploy/ -m "Deployed 1.27.3"
  kev emit tested deployment -l app=ui-server

  # Count the failures of a nightly job in one event
  kev emit BackupFailed pvc/data --type Warning -m "No space left" --key nightly-backup

  # Write the events that another program makes, a line of JSON each
  ./release-notes --json | kev emit --batch - -n prod

  # Take the message from another command
  ./smoke-test.sh | tail -n 1 | kev emit tested ui-server -m -

  # Let the server check an event and print it, without storing it
  kev emit approve ui-server --dry-run=server -o yaml`;

/** Declares `kev emit`. */
export function emitCommand(program: Command, session: Session): void {
  const command = program
    .command("emit")
    .summary("create an event on objects")
    .description(description)
    .usage("(WHAT OBJECT... [-m TEXT] | --batch FILE) [flags]")
    .argument("[what]", "a preset, like approve, or a reason, like SchemaMigrated")
    .argument("[object...]", "NAME, TYPE/NAME or TYPE NAME...; TYPE alone with -l or --all; none with -f")
    .addHelpText("after", examples);
  const flag = (flags: string, description: string): Command => command.option(flags, description);
  flag("-m, --message <text>", "what happened, at most 1024 bytes; - reads it from stdin (default: the preset's)");
  flag("--reason <reason>", "reason in UpperCamelCase (default: the preset's, else WHAT)");
  flag("--type <type>", "Normal or Warning (default: the preset's, else Normal)");
  flag("--component <name>", "who reports it, like ci-approver (default: the preset's, else kev)");
  flag("--instance <name>", "which instance of the component reports it (default: this host's name)");
  flag("--action <text>", "the event's action: what was done, or was tried");
  flag("--related <type/name>", "a second object in the same namespace that the event names");
  command.option("--annotation <key=value>", "annotation of the event; may be repeated", collect);
  command.option("--label <key=value>", "label of the event; may be repeated", collect);
  flag("--at <time>", "when it happened: RFC 3339, or how long ago, like 5m (default: now)");
  flag("--truncate", "cut a message that is too long instead of refusing it");
  flag("--digest <digest>", "with a decision: refuse when the release is not the one with this digest");
  flag("--expires <time>", "with approve and break-glass: until when it counts, like 2h from now, or RFC 3339");
  flag("--key <key>", "count repeats in one event: same key, object, type, reason and component");
  flag("--once", "with --key: do not count when the event exists already");
  flag("--kind <type>", "type of a NAME without one (default: the preset's, else Deployment)");
  flag("-c, --container <name>", "container of the pod that the event is about");
  flag("-l, --selector <selector>", "the objects that this label selector finds, like app=ui-server");
  flag("--all", "all objects of TYPE in the namespace");
  flag("-A, --all-namespaces", "with -l or --all: in all namespaces");
  command.option(
    "-f, --filename <file>",
    "the objects in a manifest, a folder of them or - (stdin); may be repeated",
    collect,
  );
  flag("--batch <file>", "many events: a file of JSON lines, or - (stdin), each line an event; see above");
  flag("-R, --recursive", "with -f: folders inside folders, too");
  command.addOption(
    new Option(
      "--dry-run [mode]",
      "none, client (send nothing) or server (check there, store nothing); without a value: client",
    ).preset("client"),
  );
  flag("--field-manager <name>", "name under which the server tracks who set the event's fields (default: kev)");
  flag(
    "--retry-timeout <duration>",
    "how long to try again while the server fails or does not answer (default: 30s, with --batch 2m)",
  );
  flag("-o, --output <format>", "name, json, yaml, jsonpath=TEMPLATE, jsonpath-as-json=TEMPLATE or jsonpath-file=FILE");
  flag("--show-managed-fields", "with -o json or yaml: keep managedFields");
  flag("-q, --quiet", "print errors only");
  command.action(async (what: string | undefined, objects: string[]) => {
    const options: EmitCommandOptions = { ...command.optsWithGlobals(), ...(what !== undefined && { what }), objects };
    await session.run("emit", options, async () => (await import("../cli/run-emit.ts")).runEmit);
  });
}
