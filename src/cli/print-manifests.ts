import type { KubeObject } from "../events/event.ts";
import type { Context } from "./context.ts";
import { toYaml } from "./to-yaml.ts";

/** Prints what `kubectl apply -f -` takes; `uninstall`: what `kubectl delete -f -` takes, the last first. */
export function printManifests(objects: readonly KubeObject[], uninstall: boolean, { stdout }: Context): void {
  const documents = uninstall ? objects.toReversed().map(reference) : objects;
  stdout.write(documents.map((object) => toYaml(object)).join("---\n"));
}

/** What is to be deleted needs no more than its name; keys least of all. */
function reference({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): object {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}
