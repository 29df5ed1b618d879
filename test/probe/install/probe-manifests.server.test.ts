import { randomBytes } from "node:crypto";
import { afterAll, expect, jest, test } from "@jest/globals";
import { toYaml } from "../../../src/cli/to-yaml.ts";
import type { KubeObject } from "../../../src/events/event.ts";
import { probeFileNeeds } from "../../../src/probe/install/probe-file-needs.ts";
import { probeManifests } from "../../../src/probe/install/probe-manifests.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();
const name = `probe-${randomBytes(4).toString("hex")}`;
const yaml = (objects: readonly KubeObject[]): string => objects.map((object) => toYaml(object)).join("---\n");
const targets = "targets: [{ on: ingress/ui }, { on: svc/db, url: 'tcp://db:5432' }]\n";

const objects = probeManifests({
  ...{ image: "kev:test", name, namespace: name, createNamespace: true, targets, envFromSecrets: ["secrets"] },
  objects: probeFileNeeds(targets, "targets.yaml", name).objects,
});

afterAll(async () => {
  await cluster.kubectlWith(
    { stdin: yaml(objects.toReversed()) },
    ...["delete", "--wait=false", "--ignore-not-found", "-f", "-"],
  );
});

test("what is printed is applied, and a Pod of it is taken under the strictest pod security level", async () => {
  const { code, stderr } = await cluster.kubectlWith({ stdin: yaml(objects) }, "apply", "-f", "-");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const deployment = objects.find(({ kind }) => kind === "Deployment");
  if (!deployment) throw new Error("There is no Deployment");
  const { template } = deployment.spec as { template: KubeObject };
  const pod = { ...template, apiVersion: "v1", kind: "Pod", metadata: { ...template.metadata, name, namespace: name } };
  const taken = await cluster.kubectlWith(
    { stdin: yaml([pod]) },
    ...["create", "--dry-run=server", "-o", "name", "-f", "-"],
  );
  expect(taken).toEqual({ code: 0, stdout: `pod/${name}\n`, stderr: "" });
});

test("the probe may read what its file names and write events there, and nothing else", async () => {
  const as = `--as=system:serviceaccount:${name}:${name}`;
  const can = async (...args: string[]) => (await cluster.kubectl("auth", "can-i", ...args, as)).stdout.trim();
  for (const what of [
    ["create", "events", "-n", name],
    ["patch", "events", "-n", name],
    ["list", "events", "-n", name],
    ["watch", "ingresses.networking.k8s.io/ui", "-n", name],
    ["get", "services/db", "-n", name],
  ]) {
    expect([...what, await can(...what)]).toEqual([...what, "yes"]);
  }
  for (const what of [
    ["get", "secrets", "-n", name],
    ["delete", "events", "-n", name],
    ["create", "events", "-n", "default"],
    ["get", "services/other", "-n", name],
    ["list", "services/db", "-n", name],
    ["list", "ingresses.networking.k8s.io", "-n", name],
  ]) {
    expect([...what, await can(...what)]).toEqual([...what, "no"]);
  }
});
