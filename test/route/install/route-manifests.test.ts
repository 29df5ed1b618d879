import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/events/event.ts";
import { routeManifests } from "../../../src/route/install/route-manifests.ts";
import { alertRules } from "../../../src/route/metrics/alert-rules.ts";
import { routeDashboard } from "../../../src/route/metrics/route-dashboard.ts";
import { recordOf } from "../../../src/util/is-record.ts";

const image = "kev:1";
const kinds = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
const find = (objects: readonly KubeObject[], kind: string, name = "kev-route"): KubeObject => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}`);
  return found;
};
const podOf = (objects: readonly KubeObject[], name?: string) => {
  const { template } = find(objects, "StatefulSet", name).spec as { template: KubeObject };
  return template.spec as { containers: Record<string, unknown>[] } & Record<string, unknown>;
};
const containerOf = (objects: readonly KubeObject[], name?: string) => recordOf(podOf(objects, name).containers[0]);

const events = { apiGroups: [""], resources: ["events"], verbs: ["list", "watch"] };
const identity = { apiGroups: [""], resources: ["namespaces"], resourceNames: ["kube-system"], verbs: ["get"] };

describe("routeManifests", () => {
  test("one router of all events", () => {
    const objects = routeManifests({ image });
    expect(kinds(objects)).toEqual([
      "Namespace /kev-route",
      "ServiceAccount kev-route/kev-route",
      "ClusterRole /kev-route",
      "ClusterRoleBinding /kev-route",
      "Service kev-route/kev-route",
      "StatefulSet kev-route/kev-route",
    ]);
    expect(find(objects, "ClusterRole")).toMatchObject({ rules: [events, identity] });
    expect(containerOf(objects)).toMatchObject({
      args: ["route", "--state=/var/lib/kev/state.db", "--listen=:9102"],
      volumeMounts: [{ name: "state", mountPath: "/var/lib/kev" }],
    });
    expect(find(objects, "StatefulSet").spec).toMatchObject({
      replicas: 1,
      volumeClaimTemplates: [
        {
          metadata: { name: "state" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
        },
      ],
    });
  });

  test("Pods are let in where only the strictest are, and may write their volume", () => {
    const objects = routeManifests({ image });
    expect(podOf(objects)).toMatchObject({
      securityContext: { runAsNonRoot: true, fsGroup: 65_532, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(containerOf(objects).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("a routing file is mounted, and Pods are made anew when it changes", () => {
    const objects = routeManifests({ image, routes: "routes: []\n", envFromSecrets: ["chat", "loki"] });
    expect(find(objects, "ConfigMap").data).toEqual({ "routes.yaml": "routes: []\n" });
    expect(containerOf(objects)).toMatchObject({
      args: ["route", "--filename=/etc/kev/routes.yaml", "--state=/var/lib/kev/state.db", "--listen=:9102"],
      envFrom: [{ secretRef: { name: "chat" } }, { secretRef: { name: "loki" } }],
      volumeMounts: [{ name: "routes", mountPath: "/etc/kev", readOnly: true }, { name: "state" }],
    });
    const digestOf = (routes: string) => {
      const { template } = find(routeManifests({ image, routes }), "StatefulSet").spec as { template: KubeObject };
      return template.metadata.annotations?.["kev.dev/routes"];
    };
    expect(digestOf("routes: []\n")).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digestOf("routes: []\n")).not.toBe(digestOf("routes: [{}]\n"));
  });

  test("several replicas hold a Lease in turn, each with a state of its own", () => {
    const objects = routeManifests({ image, replicas: 3, name: "router", namespace: "infra" });
    expect(kinds(objects)).toEqual([
      "ServiceAccount infra/router",
      "ClusterRole /infra:router",
      "ClusterRoleBinding /infra:router",
      "Role infra/router-lease",
      "RoleBinding infra/router-lease",
      "Service infra/router",
      "PodDisruptionBudget infra/router",
      "StatefulSet infra/router",
    ]);
    const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
    expect(find(objects, "Role", "router-lease")).toMatchObject({
      rules: [
        { ...leases, verbs: ["create"] },
        { ...leases, resourceNames: ["router"], verbs: ["get", "update"] },
      ],
    });
    expect(containerOf(objects, "router").args).toEqual([
      "route",
      "--state=/var/lib/kev/state.db",
      "--listen=:9102",
      "--leader-elect-resource-name=router",
      "--leader-elect-resource-namespace=infra",
      "--leader-elect",
    ]);
    expect(find(objects, "StatefulSet", "router").spec).toMatchObject({
      replicas: 3,
      podManagementPolicy: "Parallel",
      volumeClaimTemplates: [{}],
    });
  });

  test("a state that is elsewhere needs no volume", () => {
    const objects = routeManifests({ image, state: "postgres://kev@db/kev", replicas: 2 });
    expect(find(objects, "StatefulSet").spec).not.toHaveProperty("volumeClaimTemplates");
    expect(podOf(objects).securityContext).not.toHaveProperty("fsGroup");
    expect(containerOf(objects)).not.toHaveProperty("volumeMounts");
    expect(containerOf(objects).args).toContain("--state=postgres://kev@db/kev");
  });

  test("of one namespace it may read no other's events", () => {
    const objects = routeManifests({ image, eventsNamespace: "prod" });
    expect(find(objects, "ClusterRole")).toMatchObject({ rules: [identity] });
    expect(find(objects, "Role")).toMatchObject({ metadata: { namespace: "prod" }, rules: [events] });
    expect(find(objects, "RoleBinding")).toMatchObject({
      metadata: { namespace: "prod" },
      subjects: [{ kind: "ServiceAccount", name: "kev-route", namespace: "kev-route" }],
    });
    expect(containerOf(objects).args).toContain("--namespace=prod");
  });

  test("what else the router goes by reaches its container", () => {
    const objects = routeManifests({
      image,
      port: 8080,
      fromNow: true,
      eventTtl: "3h",
      compat: ["eventrouter", "event_exporter"],
      objectMetrics: true,
      storage: "10Gi",
      storageClass: "fast",
    });
    expect(containerOf(objects)).toMatchObject({
      args: [
        "route",
        "--state=/var/lib/kev/state.db",
        "--listen=:8080",
        "--event-ttl=3h",
        "--compat=eventrouter,event_exporter",
        "--from-now",
        "--object-metrics",
      ],
      ports: [{ name: "metrics", containerPort: 8080 }],
    });
    expect(find(objects, "StatefulSet").spec).toMatchObject({
      volumeClaimTemplates: [{ spec: { storageClassName: "fast", resources: { requests: { storage: "10Gi" } } } }],
    });
  });

  test("objects of the Prometheus operator and of Grafana come last", () => {
    const objects = routeManifests({ image, serviceMonitor: true, prometheusRule: true, dashboard: true });
    expect(kinds(objects).slice(-3)).toEqual([
      "ServiceMonitor kev-route/kev-route",
      "PrometheusRule kev-route/kev-route",
      "ConfigMap kev-route/kev-route-dashboard",
    ]);
    expect(find(objects, "ServiceMonitor").spec).toEqual({
      selector: { matchLabels: { "app.kubernetes.io/name": "kev-route" } },
      endpoints: [{ port: "metrics", honorLabels: true }],
    });
    expect(find(objects, "PrometheusRule").spec).toEqual(alertRules());
    const dashboard = find(objects, "ConfigMap", "kev-route-dashboard");
    expect(dashboard.metadata.labels).toMatchObject({ grafana_dashboard: "1" });
    expect(JSON.parse(String(recordOf(dashboard.data)["kev-route.json"]))).toEqual(routeDashboard());
  });
});

describe("objects that may be read", () => {
  interface Rule {
    apiGroups: string[];
    resources: string[];
    verbs: string[];
  }
  const rulesOf = (objects: NonNullable<Parameters<typeof routeManifests>[0]["objects"]>): Rule[] => {
    const role = find(routeManifests({ image, objects }), "ClusterRole") as KubeObject & { rules: Rule[] };
    return role.rules.slice(1, -1);
  };

  test("are those that are named", () => {
    expect(rulesOf(["pods", "deployments.apps", "nodes", "rollouts.argoproj.io"])).toEqual([
      { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get"] },
      { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] },
      { apiGroups: ["argoproj.io"], resources: ["rollouts"], verbs: ["get"] },
    ]);
  });

  test("are everything when that is asked for", () => {
    expect(rulesOf("all")).toEqual([{ apiGroups: ["*"], resources: ["*"], verbs: ["get"] }]);
  });

  test("usually are those of Kubernetes itself, without Secrets", () => {
    const rules = rulesOf("usual");
    expect(rules.every(({ verbs }) => verbs.join() === "get")).toBe(true);
    const names = rules.flatMap(({ apiGroups, resources }) => resources.map((name) => `${name}.${apiGroups[0]}`));
    expect(names).toEqual(expect.arrayContaining(["pods.", "deployments.apps", "jobs.batch", "nodes."]));
    expect(names.filter((name) => /secret|event|\*/.test(name))).toEqual([]);
  });
});
