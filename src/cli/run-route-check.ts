import type { RouteCheckCommandOptions } from "../commands/route-check.ts";
import type { RouteNode } from "../route/config/route-config.ts";
import type { Context } from "./context.ts";
import { loadRoutingFile } from "./load-routing-file.ts";
import { argumentName } from "./read-argument.ts";

/** `kev route check`: one line for a file without problems; every problem is in the error of one that has some. */
export async function runRouteCheck({ filename }: RouteCheckCommandOptions, context: Context): Promise<number> {
  const { routes, sinks } = await loadRoutingFile(filename, context);
  context.stdout.write(
    `${argumentName(filename ?? "")}: ${counted(countOf(routes), "route")}, ${counted(sinks.length, "sink")}, no problems\n`,
  );
  return 0;
}

function countOf(nodes: readonly RouteNode[]): number {
  return nodes.reduce((sum, { routes }) => sum + 1 + countOf(routes), 0);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
