import type { TrackManifestsCommandOptions } from "../commands/track-manifests.ts";
import { matchType, typesOfCategory } from "../kube/match-type.ts";
import { resourceTable } from "../kube/resource-table.ts";
import type { ResourceType } from "../kube/resource-type.ts";
import { type TrackManifestsOptions, trackManifests } from "../track/install/track-manifests.ts";
import { checkTypeWords, eventsError, isEvent } from "../track/tracked-types.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import { parseFixedPort } from "./parse-fixed-port.ts";
import { parseNames } from "./parse-names.ts";
import { parseServiceName } from "./parse-service-name.ts";
import { podOptions } from "./pod-options.ts";
import { printManifests } from "./print-manifests.ts";
import { createRemarks } from "./remarks.ts";
import { trackOptions } from "./track-options.ts";

/** Pods of a StatefulSet have its name and a hash in a label, which takes 63 characters. */
const longestName = 52;

/** `kev track manifests`: what kubectl takes. */
export async function runTrackManifests(options: TrackManifestsCommandOptions, context: Context): Promise<number> {
  const { image, uninstall = false } = options;
  if (image === undefined && !uninstall) {
    throw usageError('required flag(s) "image" not set', { hint: "make one with docs/Dockerfile" });
  }
  const types = typesOf(checkTypeWords(options.types));
  const install = installOf(options, types);
  if (!uninstall && types.some(({ namespaced, isGuessed }) => namespaced && isGuessed) && options.objectsNamespace) {
    const { note } = await createRemarks(context, options.color);
    const guessed = types.filter(({ isGuessed }) => isGuessed).map(({ plural, group }) => `${plural}.${group}`);
    note(`${guessed.join(", ")}: taken for types whose objects have a namespace`);
  }
  printManifests(trackManifests(install), uninstall, context);
  return 0;
}

type InstalledType = Pick<ResourceType, "group" | "plural" | "namespaced"> & { readonly isGuessed?: boolean };

/** Types of Kubernetes itself are known; of others the name is taken as it is. */
function typesOf(words: readonly string[]): InstalledType[] {
  const types = words.flatMap((word): InstalledType[] => {
    const known = matchType(resourceTable, word);
    if (known) return [known];
    const members = typesOfCategory(resourceTable, word);
    if (members.length > 0) return members;
    const [, plural = "", group = ""] = /^([a-z0-9]+)\.([a-z0-9.-]+\.[a-z0-9.-]+)$/.exec(word) ?? [];
    if (group === "") {
      throw usageError(`"${word}" is no type of Kubernetes itself`, {
        hint: "custom types are PLURAL.GROUP, like certificates.cert-manager.io",
      });
    }
    return [{ group, plural, namespaced: true, isGuessed: true }];
  });
  if (types.some(isEvent)) throw eventsError();
  return [...new Map(types.map((type) => [`${type.plural}.${type.group}`, type])).values()];
}

function installOf(options: TrackManifestsCommandOptions, types: readonly InstalledType[]): TrackManifestsOptions {
  const { name = "kev-track", namespace, port, state, storage, storageClass } = options;
  parseServiceName("name", name, longestName);
  if (namespace !== undefined) parseServiceName("namespace", namespace);
  if (state !== undefined && state !== "none") {
    throw usageError('invalid argument for "--state" flag: it is none', {
      hint: "without it the state is a file on a volume",
    });
  }
  if (state !== undefined && (storage ?? storageClass) !== undefined) {
    throw usageError("--storage and --storage-class are of the volume, which there is none of with --state");
  }
  return {
    ...podOptions(options),
    ...{ types, name, namespace, state, storage, storageClass },
    createNamespace: options.createNamespace,
    objectsNamespace: parseNames("objects-namespace", options.objectsNamespace),
    serviceMonitor: options.serviceMonitor,
    port: port === undefined ? undefined : parseFixedPort(port),
    flags: flagsOf(options),
  };
}

/** As they were given, and checked. */
function flagsOf(options: TrackManifestsCommandOptions): string[] {
  trackOptions(options);
  const { selector, debounce, what, only, ignore, ignoreManager, showValue, status } = options;
  const values = {
    selector,
    what,
    only,
    ignore,
    "ignore-manager": ignoreManager,
    "show-value": showValue,
    debounce,
  };
  return [
    ...Object.entries(values).flatMap(([flag, value]) => [value ?? []].flat().map((one) => `--${flag}=${one}`)),
    ...(status ? ["--status"] : []),
  ];
}
