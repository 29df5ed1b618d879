import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder of a test's own. */
export interface Folder {
  readonly path: string;
  at(name: string): string;
  write(name: string, content: unknown): Promise<string>;
  remove(): Promise<void>;
}

/** Makes an empty temporary folder. `write` stores text as it is and anything else as JSON, which is YAML too. */
export async function createFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "kev-kubeconfig-"));
  const at = (name: string): string => join(path, name);
  return {
    path,
    at,
    async write(name, content) {
      await writeFile(at(name), typeof content === "string" ? content : JSON.stringify(content));
      return at(name);
    },
    remove: () => rm(path, { recursive: true }),
  };
}

/** A kubeconfig with one cluster `c`, user `u` and current context `x`. */
export function kubeconfig(cluster: object, user: object = {}, context: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "x",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u", ...context } }],
  };
}
