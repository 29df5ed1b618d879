import type { ResourceType } from "./resource-type.ts";

// Made from api/discovery/aggregated_v2.json and api__v1.json of k8s.io/kubernetes v1.36.1: of each group the version that
// the server prefers, where that is a stable one, and of it the types that can be read (verb get). The order is the
// server's, core first: it decides which of two types of one name is meant. A server test compares the table with a real
// server. Each row: kind, plural, short names, categories; singular is the kind in lower case, as the server's is.
const namespaced = true;
const cluster = false;
type Row = readonly [kind: string, plural: string, namespaced: boolean, shortNames?: string, categories?: string];

const groups: readonly (readonly [group: string, version: string, rows: readonly Row[]])[] = [
  [
    "",
    "v1",
    [
      ["ComponentStatus", "componentstatuses", cluster, "cs"],
      ["ConfigMap", "configmaps", namespaced, "cm"],
      ["Endpoints", "endpoints", namespaced, "ep"],
      ["Event", "events", namespaced, "ev"],
      ["LimitRange", "limitranges", namespaced, "limits"],
      ["Namespace", "namespaces", cluster, "ns"],
      ["Node", "nodes", cluster, "no"],
      ["PersistentVolumeClaim", "persistentvolumeclaims", namespaced, "pvc"],
      ["PersistentVolume", "persistentvolumes", cluster, "pv"],
      ["Pod", "pods", namespaced, "po", "all"],
      ["PodTemplate", "podtemplates", namespaced],
      ["ReplicationController", "replicationcontrollers", namespaced, "rc", "all"],
      ["ResourceQuota", "resourcequotas", namespaced, "quota"],
      ["Secret", "secrets", namespaced],
      ["ServiceAccount", "serviceaccounts", namespaced, "sa"],
      ["Service", "services", namespaced, "svc", "all"],
    ],
  ],
  ["apiregistration.k8s.io", "v1", [["APIService", "apiservices", cluster, "", "api-extensions"]]],
  [
    "apps",
    "v1",
    [
      ["ControllerRevision", "controllerrevisions", namespaced],
      ["DaemonSet", "daemonsets", namespaced, "ds", "all"],
      ["Deployment", "deployments", namespaced, "deploy", "all"],
      ["ReplicaSet", "replicasets", namespaced, "rs", "all"],
      ["StatefulSet", "statefulsets", namespaced, "sts", "all"],
    ],
  ],
  ["events.k8s.io", "v1", [["Event", "events", namespaced, "ev"]]],
  ["autoscaling", "v2", [["HorizontalPodAutoscaler", "horizontalpodautoscalers", namespaced, "hpa", "all"]]],
  [
    "batch",
    "v1",
    [
      ["CronJob", "cronjobs", namespaced, "cj", "all"],
      ["Job", "jobs", namespaced, "", "all"],
    ],
  ],
  ["certificates.k8s.io", "v1", [["CertificateSigningRequest", "certificatesigningrequests", cluster, "csr"]]],
  [
    "networking.k8s.io",
    "v1",
    [
      ["IngressClass", "ingressclasses", cluster],
      ["Ingress", "ingresses", namespaced, "ing"],
      ["IPAddress", "ipaddresses", cluster, "ip"],
      ["NetworkPolicy", "networkpolicies", namespaced, "netpol"],
      ["ServiceCIDR", "servicecidrs", cluster],
    ],
  ],
  ["policy", "v1", [["PodDisruptionBudget", "poddisruptionbudgets", namespaced, "pdb"]]],
  [
    "rbac.authorization.k8s.io",
    "v1",
    [
      ["ClusterRoleBinding", "clusterrolebindings", cluster],
      ["ClusterRole", "clusterroles", cluster],
      ["RoleBinding", "rolebindings", namespaced],
      ["Role", "roles", namespaced],
    ],
  ],
  [
    "storage.k8s.io",
    "v1",
    [
      ["CSIDriver", "csidrivers", cluster],
      ["CSINode", "csinodes", cluster],
      ["CSIStorageCapacity", "csistoragecapacities", namespaced],
      ["StorageClass", "storageclasses", cluster, "sc"],
      ["VolumeAttachment", "volumeattachments", cluster],
      ["VolumeAttributesClass", "volumeattributesclasses", cluster, "vac"],
    ],
  ],
  [
    "admissionregistration.k8s.io",
    "v1",
    [
      ["MutatingAdmissionPolicy", "mutatingadmissionpolicies", cluster, "", "api-extensions"],
      ["MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", cluster, "", "api-extensions"],
      ["MutatingWebhookConfiguration", "mutatingwebhookconfigurations", cluster, "", "api-extensions"],
      ["ValidatingAdmissionPolicy", "validatingadmissionpolicies", cluster, "", "api-extensions"],
      ["ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", cluster, "", "api-extensions"],
      ["ValidatingWebhookConfiguration", "validatingwebhookconfigurations", cluster, "", "api-extensions"],
    ],
  ],
  [
    "apiextensions.k8s.io",
    "v1",
    [["CustomResourceDefinition", "customresourcedefinitions", cluster, "crd crds", "api-extensions"]],
  ],
  ["scheduling.k8s.io", "v1", [["PriorityClass", "priorityclasses", cluster, "pc"]]],
  ["coordination.k8s.io", "v1", [["Lease", "leases", namespaced]]],
  ["node.k8s.io", "v1", [["RuntimeClass", "runtimeclasses", cluster]]],
  ["discovery.k8s.io", "v1", [["EndpointSlice", "endpointslices", namespaced]]],
  [
    "resource.k8s.io",
    "v1",
    [
      ["DeviceClass", "deviceclasses", cluster],
      ["ResourceClaim", "resourceclaims", namespaced],
      ["ResourceClaimTemplate", "resourceclaimtemplates", namespaced],
      ["ResourceSlice", "resourceslices", cluster],
    ],
  ],
  [
    "flowcontrol.apiserver.k8s.io",
    "v1",
    [
      ["FlowSchema", "flowschemas", cluster],
      ["PriorityLevelConfiguration", "prioritylevelconfigurations", cluster],
    ],
  ],
];

/** The types of Kubernetes itself, in the server's order of preference: what needs no discovery. */
export const resourceTable: readonly ResourceType[] = groups.flatMap(([group, version, rows]) =>
  rows.map(([kind, plural, isNamespaced, shortNames = "", categories = ""]) => ({
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: words(shortNames),
    namespaced: isNamespaced,
    ...(categories !== "" && { categories: words(categories) }),
  })),
);

/** The type with this plural. Throws for one that the table has not. */
export function builtInType(group: string, plural: string): ResourceType {
  const type = resourceTable.find((candidate) => candidate.group === group && candidate.plural === plural);
  if (type === undefined) throw new Error(`${plural}.${group} is not in the table`);
  return type;
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
