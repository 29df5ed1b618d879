import type { EmitCommandOptions } from "../commands/emit.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import type { EmitAllInput } from "../record/emit-all.ts";
import { parseGoDuration } from "../util/duration.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import type { LoadedPresets } from "./load-presets.ts";
import { parsePairs } from "./parse-pairs.ts";

/** The library's input for what was asked on the command line; throws usage errors for texts that do not parse. */
export async function emitInput(
  options: EmitCommandOptions,
  { presets, defaults }: LoadedPresets,
  context: Context,
): Promise<EmitAllInput> {
  const { what, kind, selector, all, allNamespaces, recursive, filename, namespace } = options;
  const readsManifests = filename?.includes("-") ?? false;
  if (options.message === "-" && readsManifests)
    throw usageError("standard input cannot be used for multiple arguments");
  return {
    what,
    objects: {
      args: options.objects,
      kind,
      selector,
      all,
      allNamespaces,
      files: filename,
      recursive,
      cwd: context.cwd,
      readStdin: context.stdin.read,
    },
    namespace,
    message: await message(options.message, context),
    reason: options.reason,
    type: options.type,
    component: options.component,
    instance: options.instance,
    action: options.action,
    related: options.related,
    container: options.container,
    labels: parsePairs("label", options.label),
    annotations: parsePairs("annotation", options.annotation),
    defaults,
    at: options.at === undefined ? undefined : parseTime(options.at, context.clock.now()),
    key: options.key,
    once: options.once,
    truncate: options.truncate,
    dryRun: dryRunMode(options.dryRun),
    fieldManager: options.fieldManager,
    retryTimeout: retryTimeout(options.retryTimeout) ?? defaults.retryTimeout,
    presets,
    signal: context.signal,
    clock: context.clock,
    hostName: context.hostName,
    cacheDir: cacheFolder(options.cacheDir, context.env, context.homeDir),
  };
}

async function message(text: string | undefined, { stdin }: Context): Promise<string | undefined> {
  // What a command prints ends in a line feed that no event wants.
  return text === "-" ? (await stdin.read()).replace(/\s+$/, "") : text;
}

/** RFC 3339, or a duration that means that long ago. */
export function parseTime(text: string, now: Date): Date {
  const [, date] =
    /^(\d{4}-\d{2}-\d{2})[Tt](?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  const time = new Date(text.toUpperCase());
  if (date !== undefined && isDay(date) && !Number.isNaN(time.getTime())) return time;
  const ago = parseGoDuration(text);
  if (ago !== undefined) return new Date(now.getTime() - ago);
  throw usageError(`invalid time "${text}"`, { hint: "like 2026-11-23T09:30:00Z, or 5m for five minutes ago" });
}

// Date takes 30 February for 2 March; the API takes the first day of year 1 for no time at all.
function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date) && date > "0001-01-01";
}

function retryTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = parseGoDuration(text);
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
  throw usageError(`invalid retry timeout "${text}"`, { hint: "like 30s or 2m; 0 tries once" });
}

// kubectl's values and text: k8s.io/kubectl/pkg/cmd/util/helpers.go, GetDryRunStrategy.
function dryRunMode(value: string | undefined): "client" | "server" | undefined {
  if (value === undefined || value === "none") return undefined;
  if (value === "client" || value === "server") return value;
  throw usageError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}
