/** One type of object that a server serves, in one version of its group: what `kubectl api-resources` shows as a row. */
export interface ResourceType {
  /** Empty for core. */
  readonly group: string;
  readonly version: string;
  /** As in manifests: `Deployment`. */
  readonly kind: string;
  /** As in paths: `deployments`. */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** False for cluster-scoped types, whose objects have no namespace. */
  readonly namespaced: boolean;
  /** Names for several types at once, such as `all`. */
  readonly categories?: readonly string[];
}

/** `apps/v1`; core's is `v1`. */
export function apiVersionOf(type: Pick<ResourceType, "group" | "version">): string {
  return type.group === "" ? type.version : `${type.group}/${type.version}`;
}

/** `deployments.apps`, core's `pods`: how error messages and RBAC name a type. */
export function qualifiedName(type: Pick<ResourceType, "group" | "plural">): string {
  return type.group === "" ? type.plural : `${type.plural}.${type.group}`;
}
