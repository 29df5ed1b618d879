import type { Connection } from "../kube/connection.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import { createTypeResolver } from "../kube/resolve-type.ts";
import { type EventSubject, eventSubjects } from "../read/event-subjects.ts";
import type { Context } from "./context.ts";
import type { GlobalFlags } from "./global-flags.ts";

/** The objects that a command line names to read about; undefined when it names none. */
export async function namedSubjects(
  connection: Connection,
  args: readonly string[],
  options: GlobalFlags & { allNamespaces?: boolean },
  { clock, env, homeDir, signal }: Context,
): Promise<EventSubject[] | undefined> {
  if (args.length === 0) return undefined;
  const cacheDir = cacheFolder(options.cacheDir, env, homeDir);
  const resolver = createTypeResolver(connection, { clock, cacheDir, signal });
  return await eventSubjects(resolver, args, options.allNamespaces ? undefined : connection.namespace);
}
