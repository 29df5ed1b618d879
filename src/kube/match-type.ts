import type { ResourceType } from "./resource-type.ts";

interface PartialType {
  resource: string;
  /** Empty: any. */
  group: string;
  version?: string;
}

/**
 * The type that a TYPE argument means among `types`, which stand in order of preference (core first, then the server's
 * order of groups, of each the preferred version first). kubectl's rules: `TYPE`, `TYPE.GROUP`, `TYPE.VERSION.GROUP`, where
 * TYPE is a plural, a singular or a Kind in any case, or a short name; GROUP may be cut short (`storageclass.storage`).
 * A full name beats a short name, a full group beats a cut one.
 *
 * kubectl drops the version of `SHORT.VERSION.GROUP`; here it holds.
 */
export function matchType(types: readonly ResourceType[], argument: string): ResourceType | undefined {
  const readings = readingsOf(argument);
  for (const reading of readings) {
    const found = matchResource(types, reading);
    if (found) return found;
  }
  for (const reading of readings) {
    const found = types.find(
      (type) =>
        inVersion(type, reading) &&
        inGroup(type, reading) &&
        (type.kind === reading.resource || type.kind.toLowerCase() === reading.resource),
    );
    if (found) return found;
  }
  return undefined;
}

/** The types of a category (`all`), each once, in its preferred version. */
export function typesOfCategory(types: readonly ResourceType[], category: string): ResourceType[] {
  const seen = new Set<string>();
  return types.filter((type) => {
    const id = `${type.plural}.${type.group}`;
    if (!type.categories?.includes(category) || seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/**
 * True when `argument` may name a type of a group version that nobody could list. By the API's conventions types have
 * no dash. The metrics APIs do not count: theirs are numbers about objects, and events are about the objects.
 */
export function mayBeTypeOf(groupVersion: string, argument: string): boolean {
  const [group = "", own] = groupVersion.includes("/") ? groupVersion.split("/") : ["", groupVersion];
  if (group === "metrics.k8s.io" || group.endsWith(".metrics.k8s.io")) return false;
  return readingsOf(argument).some(
    ({ resource, group: cut, version = own }) =>
      /^[a-z][a-z0-9]*$/i.test(resource) && group.startsWith(cut) && version === own,
  );
}

/** What comes before the first dot of a TYPE argument: the name that kubectl's messages show. */
export function resourceOf(argument: string): string {
  return argument.split(".", 1)[0] ?? argument;
}

// `a.b.c` may be version b of group c, or group b.c: the former is tried first.
function readingsOf(argument: string): PartialType[] {
  const [resource = "", ...rest] = argument.split(".");
  const group = rest.join(".");
  if (rest.length < 2) return [{ resource, group }];
  return [
    { resource, group: rest.slice(1).join("."), version: rest[0] ?? "" },
    { resource, group },
  ];
}

function matchResource(types: readonly ResourceType[], wanted: PartialType): ResourceType | undefined {
  const resource = wanted.resource.toLowerCase();
  const isNamed = (type: ResourceType): boolean => type.plural === resource || type.singular === resource;
  // In kubectl, too, short names are the only ones whose case counts.
  const isShort = (type: ResourceType): boolean => type.shortNames.includes(wanted.resource);
  const served = types.filter((type) => inVersion(type, wanted));
  const full = served.filter((type) => inGroup(type, wanted));
  const exact = full.find(isNamed) ?? full.find(isShort);
  if (exact || wanted.group === "" || wanted.version !== undefined) return exact;
  const cut = served.filter((type) => type.group.startsWith(wanted.group));
  return cut.find(isShort) ?? cut.find(isNamed);
}

function inVersion(type: ResourceType, { version }: PartialType): boolean {
  return version === undefined || type.version === version;
}

function inGroup(type: ResourceType, { group }: PartialType): boolean {
  return group === "" || type.group === group;
}
