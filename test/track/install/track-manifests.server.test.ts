import { randomBytes } from "node:crypto";
import { afterAll, expect, jest, test } from "@jest/globals";
import { toYaml } from "../../../src/cli/to-yaml.ts";
import type { KubeObject } from "../../../src/events/event.ts";
import { trackManifests } from "../../../src/track/install/track-manifests.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();
// The cluster's objects are of that name, too.
const name = `track-${randomBytes(4).toString("hex")}`;
const yaml = (objects: readonly KubeObject[]): string => objects.map((object) => toYaml(object)).join("---\n");

const objects = trackManifests({
  image: "kev:test",
  name,
  namespace: name,
  createNamespace: true,
  types: [
    { group: "apps", plural: "deployments", namespaced: true },
    { group: "", plural: "configmaps", namespaced: true },
  ],
});

afterAll(async () => {
  const flags = ["--wait=false", "--ignore-not-found", "-f", "-"];
  await cluster.kubectlWith({ stdin: yaml(objects.toReversed()) }, "delete", ...flags);
});

test("what is printed is applied, and a Pod of it is taken under the strictest pod security level", async () => {
  const { code, stderr } = await cluster.kubectlWith({ stdin: yaml(objects) }, "apply", "-f", "-");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  // The control plane has no controller of StatefulSets: this is the Pod that it would make.
  const set = objects.find(({ kind }) => kind === "StatefulSet");
  if (!set) throw new Error("There is no StatefulSet");
  const { template } = set.spec as { template: KubeObject };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, name: `${name}-0`, namespace: name },
    spec: { ...(template.spec as object), volumes: [{ name: "state", emptyDir: {} }] },
  };
  const flags = ["--dry-run=server", "-o", "name", "-f", "-"];
  const taken = await cluster.kubectlWith({ stdin: yaml([pod]) }, "create", ...flags);
  expect(taken).toEqual({ code: 0, stdout: `pod/${name}-0\n`, stderr: "" });
});

test("the tracker may read its types and create events, and nothing else", async () => {
  const as = `--as=system:serviceaccount:${name}:${name}`;
  const can = async (...args: string[]) => (await cluster.kubectl("auth", "can-i", ...args, as)).stdout.trim();
  for (const what of [
    ["list", "deployments.apps", "-A"],
    ["watch", "configmaps", "-A"],
    ["create", "events", "-A"],
    ["get", "namespaces/kube-system"],
  ]) {
    expect([...what, await can(...what)]).toEqual([...what, "yes"]);
  }
  for (const what of [
    ["get", "configmaps", "-A"],
    ["list", "secrets", "-A"],
    ["list", "events", "-A"],
    ["patch", "events", "-A"],
    ["update", "deployments.apps", "-A"],
  ]) {
    expect([...what, await can(...what)]).toEqual([...what, "no"]);
  }
});
