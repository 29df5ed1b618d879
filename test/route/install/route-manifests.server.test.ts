import { randomBytes } from "node:crypto";
import { afterAll, expect, jest, test } from "@jest/globals";
import { toYaml } from "../../../src/cli/to-yaml.ts";
import type { KubeObject } from "../../../src/events/event.ts";
import { routeManifests } from "../../../src/route/install/route-manifests.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();
// The cluster's objects are of that name, too.
const name = `route-${randomBytes(4).toString("hex")}`;
const yaml = (objects: readonly KubeObject[]): string => objects.map((object) => toYaml(object)).join("---\n");

const objects = routeManifests({
  image: "kev:test",
  name,
  namespace: name,
  createNamespace: true,
  routes: "routes: [{ match: { labels.app: ui }, sinks: [out] }]\nsinks: { out: { type: stdout } }\n",
  envFromSecrets: ["secrets"],
  objects: "usual",
  replicas: 2,
  dashboard: true,
});

afterAll(async () => {
  await cluster.kubectlWith(
    { stdin: yaml(objects.toReversed()) },
    "delete",
    "--wait=false",
    "--ignore-not-found",
    "-f",
    "-",
  );
});

test("what is printed is applied, and a Pod of it is taken under the strictest pod security level", async () => {
  const { code, stderr } = await cluster.kubectlWith({ stdin: yaml(objects) }, "apply", "-f", "-");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  // The control plane has no controller of StatefulSets: this is the Pod that it would make.
  const set = objects.find(({ kind }) => kind === "StatefulSet");
  if (!set) throw new Error("There is no StatefulSet");
  const { template } = set.spec as { template: KubeObject };
  const spec = template.spec as { volumes: object[] };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, name: `${name}-0`, namespace: name },
    spec: { ...spec, volumes: [...spec.volumes, { name: "state", emptyDir: {} }] },
  };
  const taken = await cluster.kubectlWith(
    { stdin: yaml([pod]) },
    "create",
    "--dry-run=server",
    "-o",
    "name",
    "-f",
    "-",
  );
  expect(taken).toEqual({ code: 0, stdout: `pod/${name}-0\n`, stderr: "" });
});

test("the router may read events, objects and the Lease of its own, and neither Secrets nor other Leases", async () => {
  const as = `--as=system:serviceaccount:${name}:${name}`;
  const can = async (...args: string[]) => (await cluster.kubectl("auth", "can-i", ...args, as)).stdout.trim();
  for (const what of [
    ["list", "events", "-A"],
    ["watch", "events", "-A"],
    ["get", "pods", "-A"],
    ["get", "deployments.apps", "-A"],
    ["get", "namespaces/kube-system"],
    ["create", "leases.coordination.k8s.io", "-n", name],
    ["update", `leases.coordination.k8s.io/${name}`, "-n", name],
  ]) {
    expect([...what, await can(...what)]).toEqual([...what, "yes"]);
  }
  for (const what of [
    ["get", "secrets", "-A"],
    ["create", "events", "-n", name],
    ["list", "pods", "-A"],
    ["update", "leases.coordination.k8s.io/other", "-n", name],
    ["create", "leases.coordination.k8s.io", "-n", "kube-system"],
    ["delete", `leases.coordination.k8s.io/${name}`, "-n", name],
  ]) {
    expect([...what, await can(...what)]).toEqual([...what, "no"]);
  }
});
