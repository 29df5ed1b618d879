import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/events/event.ts";
import { gateManifests, type InClusterGate } from "../../src/gate/gate-manifests.ts";
import { recordOf } from "../../src/util/is-record.ts";

const inCluster: InClusterGate = { image: "kev:1", certificate: { certManager: {} } };

const policyAndRoles = [
  "ClusterRole /kev-approver",
  "ClusterRole /kev-break-glass",
  "ClusterRole /kev-policy-viewer",
  "ValidatingAdmissionPolicy /kev-decisions",
  "ValidatingAdmissionPolicyBinding /kev-decisions",
];

const kinds = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
const find = (objects: readonly KubeObject[], kind: string): KubeObject => {
  const found = objects.find((object) => object.kind === kind);
  if (!found) throw new Error(`There is no ${kind}`);
  return found;
};
const containerOf = (objects: readonly KubeObject[]) => {
  const { template } = find(objects, "Deployment").spec as { template: { spec: { containers: object[] } } };
  return recordOf(template.spec.containers[0]);
};

describe("gateManifests", () => {
  test("a gate in the cluster: what others refer to comes first, the webhook last", () => {
    expect(kinds(gateManifests(inCluster))).toEqual([
      "Namespace /kev-gate",
      "ServiceAccount kev-gate/kev-gate",
      "ClusterRole /kev-gate",
      "ClusterRoleBinding /kev-gate",
      "Issuer kev-gate/kev-gate-ca",
      "Certificate kev-gate/kev-gate-ca",
      "Issuer kev-gate/kev-gate",
      "Certificate kev-gate/kev-gate",
      "Service kev-gate/kev-gate",
      "PodDisruptionBudget kev-gate/kev-gate",
      "Deployment kev-gate/kev-gate",
      ...policyAndRoles,
      "ValidatingWebhookConfiguration /kev-gate",
    ]);
  });

  test("a gate outside: the webhook with its URL, the policy and the roles", () => {
    const objects = gateManifests({ url: "https://gate.example.com/", caBundle: "CA" });
    expect(kinds(objects)).toEqual([...policyAndRoles, "ValidatingWebhookConfiguration /kev-gate"]);
    expect(find(objects, "ValidatingWebhookConfiguration")).toMatchObject({
      webhooks: [{ clientConfig: { url: "https://gate.example.com/", caBundle: "Q0E=" }, failurePolicy: "Fail" }],
    });
  });

  test("whom anybody may write to needs no policy, nor the right to read it", () => {
    const objects = gateManifests({ ...inCluster, trust: "any" });
    expect(kinds(objects).filter((kind) => /Policy|approver|glass/.test(kind))).toEqual([]);
    expect(JSON.stringify(find(objects, "ClusterRole"))).not.toContain("admissionregistration");
    expect(containerOf(objects).args).toContain("--trust=any");
  });

  test("without knobs the container gets its certificate's files, and the namespace that is its own", () => {
    expect(containerOf(gateManifests(inCluster)).args).toEqual([
      "gate",
      "serve",
      "--tls-cert-file=/tls/tls.crt",
      "--tls-private-key-file=/tls/tls.key",
      // Its own namespace is left out wherever it runs.
      "--exclude-namespace=kev-gate",
    ]);
  });

  test("what the gate goes by reaches the container, the webhook, the rights and the names", () => {
    const objects = gateManifests({
      ...inCluster,
      name: "gate",
      namespace: "release",
      bind: "object",
      ignoreRestarts: true,
      policyName: "decisions",
      namespaceLabel: "gated=yes",
      excludedNamespaces: ["infra"],
      timeoutSeconds: 3,
      port: 9443,
      shutdownDelaySeconds: 10,
      replicas: 3,
    });
    const args = ["--port=9443", "--bind=object", "--policy-name=decisions", "--namespace-label=gated=yes"];
    expect(containerOf(objects).args).toEqual(
      expect.arrayContaining([
        ...args,
        "--shutdown-delay=10s",
        "--ignore-restarts",
        "--exclude-namespace=release",
        "--exclude-namespace=infra",
      ]),
    );
    expect(containerOf(objects).ports).toEqual([{ name: "https", containerPort: 9443 }]);
    expect(find(objects, "Deployment")).toMatchObject({
      metadata: { name: "gate", namespace: "release" },
      spec: { replicas: 3, template: { spec: { terminationGracePeriodSeconds: 35 } } },
    });
    expect(find(objects, "ValidatingWebhookConfiguration")).toMatchObject({
      metadata: { name: "gate", annotations: { "cert-manager.io/inject-ca-from": "release/gate" } },
      webhooks: [
        {
          clientConfig: { service: { name: "gate", namespace: "release", path: "/", port: 443 } },
          timeoutSeconds: 3,
          namespaceSelector: {
            matchLabels: { gated: "yes" },
            matchExpressions: [{ values: ["kube-system", "kube-node-lease", "release", "infra"] }],
          },
        },
      ],
    });
    expect(find(objects, "ClusterRole")).toMatchObject({
      rules: expect.arrayContaining([expect.objectContaining({ resourceNames: ["decisions"] })]),
    });
    expect(objects.filter(({ kind }) => kind === "Certificate").at(-1)?.spec).toMatchObject({
      dnsNames: ["gate.release.svc"],
      secretName: "gate-tls",
    });
  });

  test("an Issuer that is there already makes the certificate by itself", () => {
    const issuer = { kind: "ClusterIssuer", name: "corp" } as const;
    const objects = gateManifests({ ...inCluster, certificate: { certManager: { issuer } } });
    expect(kinds(objects).filter((kind) => /Issuer|Certificate/.test(kind))).toEqual(["Certificate kev-gate/kev-gate"]);
    expect(find(objects, "Certificate").spec).toMatchObject({ issuerRef: issuer });
  });

  test("a certificate that is given is a Secret; one that is there already is not", () => {
    const pair = { certificate: "CERT", key: "KEY" };
    const given = gateManifests({ ...inCluster, certificate: { caBundle: "CA", pair }, secretName: "mine" });
    expect(find(given, "Secret")).toMatchObject({
      metadata: { name: "mine" },
      type: "kubernetes.io/tls",
      data: { "tls.crt": "Q0VSVA==", "tls.key": "S0VZ" },
    });
    expect(kinds(gateManifests({ ...inCluster, certificate: { caBundle: "CA" } })).join()).not.toContain("Secret");
  });
});
