/**
 * Kinds whose `kubectl describe` prints no events, so that who writes one there is told to look elsewhere.
 * Source: k8s.io/kubectl/pkg/describe/describe.go, the describers without a search for events.
 */
const undescribed: Readonly<Record<string, readonly string[]>> = {
  "": ["Namespace", "Secret", "LimitRange", "ResourceQuota"],
  "rbac.authorization.k8s.io": ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
  "networking.k8s.io": ["NetworkPolicy"],
};

/** True when `kubectl describe` of this kind lists its events. */
export function describeShowsEvents(group: string, kind: string): boolean {
  return !undescribed[group]?.includes(kind);
}
