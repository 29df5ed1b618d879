import { dirname, resolve } from "node:path";
import { loadRouteConfig } from "../route/config/load-route-config.ts";
import type { RouteConfig } from "../route/config/route-config.ts";
import { sinkTypes } from "../sinks/registry.ts";
import type { SinkServices } from "../sinks/sink.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import { argumentName, readArgument } from "./read-argument.ts";

/**
 * The routing file that `-f` names; `-` is standard input. Files that it names are relative to its folder.
 *
 * @throws usage error: it cannot be read, or it has problems, of which each has a line
 */
export async function loadRoutingFile(filename: string | undefined, context: Context): Promise<RouteConfig> {
  if (filename === undefined) throw usageError('required flag(s) "filename" not set');
  const text = await readArgument(filename, context);
  const services = sinkServices(context, filename);
  return await loadRouteConfig(text, { path: argumentName(filename), sinkTypes, services });
}

/** What sinks get of the context, for a routing file in its folder. */
export function sinkServices({ env, clock, cwd, hostName, stdout }: Context, filename?: string): SinkServices {
  const folder = filename === undefined || filename === "-" ? cwd : dirname(resolve(cwd, filename));
  return { env, clock, cwd: folder, hostName, stdout: { write: (text) => stdout.send(text) } };
}
