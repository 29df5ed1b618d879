import type { KubeObject } from "../../events/event.ts";
import { type AccountOptions, type RbacRule, rights, serviceAccount } from "../../kube/install-parts.ts";
import { resourceTable } from "../../kube/resource-table.ts";

/** Types whose objects a router may read: `usual` are those of Kubernetes itself but Secrets, `all` includes Secrets. */
export type ObjectResources = "usual" | "all" | readonly string[];

export interface RouteRbacOptions extends AccountOptions {
  /** Whose events are followed; undefined: those of all namespaces. */
  eventsNamespace?: string | undefined;
  /** Undefined: nothing is read of objects. Else `usual`, `all`, or names of types such as `deployments.apps`. */
  objects?: ObjectResources | undefined;
  /** The Lease that replicas hold in turn, in the router's own namespace; undefined: there is one replica. */
  lease?: string | undefined;
}

/**
 * A router's identity and what it may do: list and watch events, and know which cluster it is in. Nothing of it writes, but
 * for the Lease.
 */
export function routeRbac({ eventsNamespace, objects, lease, ...account }: RouteRbacOptions): KubeObject[] {
  const everywhere: RbacRule[] = [
    { apiGroups: [""], resources: ["events"], verbs: ["list", "watch"] },
    ...(objects === undefined ? [] : objectRules(objects)),
  ];
  // Its uid tells clusters apart.
  const identity: RbacRule = {
    apiGroups: [""],
    resources: ["namespaces"],
    resourceNames: ["kube-system"],
    verbs: ["get"],
  };
  const followed =
    eventsNamespace === undefined
      ? rights(account, [...everywhere, identity])
      : [...rights(account, [identity]), ...rights(account, everywhere, { place: eventsNamespace })];
  return [serviceAccount(account), ...followed, ...(lease === undefined ? [] : leaseRights(account, lease))];
}

function leaseRights(account: AccountOptions, lease: string): KubeObject[] {
  const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  const rules: RbacRule[] = [
    // What is made has no name yet that a rule could name.
    { ...leases, verbs: ["create"] },
    { ...leases, resourceNames: [lease], verbs: ["get", "update"] },
  ];
  return rights(account, rules, { place: account.namespace, roleName: `${account.name}-lease` });
}

function objectRules(objects: ObjectResources): RbacRule[] {
  if (objects === "all") return [{ apiGroups: ["*"], resources: ["*"], verbs: ["get"] }];
  const groups = new Map<string, string[]>();
  const add = (group: string, plural: string): void => {
    groups.set(group, [...(groups.get(group) ?? []), plural]);
  };
  if (objects === "usual") {
    for (const { group, plural } of resourceTable) if (!unread.has(plural)) add(group, plural);
  } else {
    for (const name of new Set(objects)) {
      const [, plural = "", group = ""] = /^([^.]*)\.?(.*)$/.exec(name) ?? [];
      add(group, plural);
    }
  }
  return [...groups].map(([group, resources]) => ({ apiGroups: [group], resources, verbs: ["get"] }));
}

/** Of what is in them, or of no use: nothing has events about events. */
const unread = new Set(["secrets", "events", "componentstatuses"]);
