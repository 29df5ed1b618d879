import { dirname, resolve } from "node:path";
import { defaultRouteConfig } from "../route/default-route-config.ts";
import { loadRouteConfig } from "../route/load-route-config.ts";
import type { RouteConfig } from "../route/route-config.ts";
import { sinkTypes } from "../sinks/registry.ts";
import type { SinkServices } from "../sinks/sink.ts";
import { readNamedFile } from "../util/read-named-file.ts";
import type { Context } from "./context.ts";

/** A routing file, and what its sinks are made with. */
export interface ReadRouteConfig {
  readonly config: RouteConfig;
  readonly services: SinkServices;
}

/**
 * The routing file that `-f` names; without one every event goes to stdout. What stands in it of other files is relative
 * to its folder.
 *
 * @throws usage error: it cannot be read, or every problem that is in it
 */
export async function readRouteConfig(
  filename: string | undefined,
  { env, clock, cwd, hostName, stdout }: Context,
): Promise<ReadRouteConfig> {
  const file = filename === undefined ? undefined : resolve(cwd, filename);
  const folder = file === undefined ? cwd : dirname(file);
  const services = { env, clock, cwd: folder, hostName, stdout: { write: (text: string) => stdout.send(text) } };
  if (filename === undefined || file === undefined) return { config: defaultRouteConfig(), services };
  const config = await loadRouteConfig(await readNamedFile(file), { path: filename, sinkTypes, services });
  return { config, services };
}
