import type { EmitCommandOptions } from "../commands/emit.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import type { EmitAllInput } from "../record/emit-all.ts";
import type { EmitSettings } from "../record/emit-options.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import type { LoadedPresets } from "./load-presets.ts";
import { parsePairs } from "./parse-pairs.ts";
import { parseRetryTimeout } from "./parse-retry-timeout.ts";
import { parseExpiry, parseTime } from "./parse-time.ts";
import { splitFilenames } from "./split-filenames.ts";

/** The library's input for what was asked on the command line; throws usage errors for texts that do not parse. */
export async function emitInput(
  options: EmitCommandOptions,
  { presets, defaults }: LoadedPresets,
  context: Context,
): Promise<EmitAllInput> {
  const { what, kind, selector, all, allNamespaces, recursive } = options;
  if (what === undefined) throw usageError("missing WHAT", { hint: "see 'kev emit --help' for help and examples" });
  const files = options.filename?.flatMap(splitFilenames);
  const readsManifests = files?.includes("-") ?? false;
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
      files,
      recursive,
      cwd: context.cwd,
      readStdin: context.stdin.read,
    },
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
    digest: options.digest,
    expiresAt: options.expires === undefined ? undefined : parseExpiry(options.expires, context.clock.now()),
    key: options.key,
    once: options.once,
    truncate: options.truncate,
    ...emitSettings(options, { presets, defaults }, context),
  };
}

/** How events are written, without what they say. */
export function emitSettings(
  options: EmitCommandOptions,
  { presets, defaults }: LoadedPresets,
  { signal, clock, hostName, env, homeDir }: Context,
): EmitSettings {
  return {
    namespace: options.namespace,
    dryRun: dryRunMode(options.dryRun),
    fieldManager: options.fieldManager,
    retryTimeout: parseRetryTimeout(options.retryTimeout) ?? defaults.retryTimeout,
    ...{ presets, signal, clock, hostName },
    cacheDir: cacheFolder(options.cacheDir, env, homeDir),
  };
}

async function message(text: string | undefined, { stdin }: Context): Promise<string | undefined> {
  // What a command prints ends in a line feed that no event wants.
  return text === "-" ? (await stdin.read()).replace(/\s+$/, "") : text;
}

// kubectl's values and text: k8s.io/kubectl/pkg/cmd/util/helpers.go, GetDryRunStrategy.
function dryRunMode(value: string | undefined): "client" | "server" | undefined {
  if (value === undefined || value === "none") return undefined;
  if (value === "client" || value === "server") return value;
  throw usageError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}
