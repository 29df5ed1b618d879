import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../util/clock.ts";
import { makeFolder } from "../util/make-folder.ts";
import { replaceFile } from "../util/replace-file.ts";
import type { Discovery } from "./discovery.ts";

/** Where discovery is kept between runs; a cache that cannot be read or written is as good as none, and says nothing. */
export interface DiscoveryCache {
  read(): Promise<Discovery | undefined>;
  write(discovery: Discovery): Promise<void>;
}

/** kubectl's: cli-runtime v0.36.1, genericclioptions/config_flags.go. */
const lifetime = 6 * 60 * 60 * 1000;

/** Raised when the form changes; a file of another form is not read. */
const form = 1;

/** kubectl's cache folder: `--cache-dir`, else `$KUBECACHEDIR`, else `~/.kube/cache`. */
export function cacheFolder(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  homeDir: string,
): string {
  return flag || env.KUBECACHEDIR || join(homeDir, ".kube", "cache");
}

/**
 * The cache of one server: `FOLDER/discovery/HOST/kev/types.json`, HOST as kubectl writes it, for six hours. kubectl's own
 * files there are neither read nor touched: it keeps one per group version, which is slower to read than to ask anew.
 */
export function createDiscoveryCache(folder: string, server: string, clock: Clock): DiscoveryCache {
  const home = join(folder, "discovery", ...hostFolders(server), "kev");
  const file = join(home, "types.json");
  return {
    read: () => readCache(file, server, clock).catch(() => undefined),
    write: (discovery) =>
      makeFolder(home, 0o750)
        .then(() =>
          replaceFile(file, JSON.stringify({ form, server, time: clock.now().toISOString(), ...discovery }), 0o660),
        )
        .catch(() => undefined),
  };
}

async function readCache(file: string, server: string, clock: Clock): Promise<Discovery | undefined> {
  const cached = JSON.parse(await readFile(file, "utf8")) as Discovery & { form: number; server: string; time: string };
  // Two servers may share a folder: kubectl's names for them are not unique.
  if (cached.form !== form || cached.server !== server) return undefined;
  if (!Array.isArray(cached.types) || !Array.isArray(cached.failed)) return undefined;
  const age = clock.now().getTime() - Date.parse(cached.time);
  // A time to come was written under another clock and might never end.
  return age >= 0 && age < lifetime ? { types: cached.types, failed: cached.failed } : undefined;
}

// kubectl keeps the slashes of the server's path as folders. A kubeconfig must not lead out of the cache with `..`.
function hostFolders(server: string): string[] {
  const host = server.replace(/^https?:\/\//, "").replace(/[^\w/.()]/g, "_");
  return host.split("/").map((part) => (part === ".." ? "__" : part));
}
