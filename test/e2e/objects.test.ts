import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();

/** The lines of `kubectl describe` under Events: Type, Reason, From, Message; ages left out. */
async function described(type: string, name: string, namespace: string): Promise<string[][]> {
  const { stdout, stderr } = await cluster.kubectl("describe", type, name, "-n", namespace);
  if (stderr !== "") throw new Error(stderr);
  const [, events = ""] = stdout.split(/^Events:\n/m);
  return events
    .trimEnd()
    .split("\n")
    .slice(2)
    .map((line) => line.trim().split(/ {2,}/).toSpliced(2, 1));
}

/** The rows of `kubectl events --for`, without the age: Type, Reason, Object, Message. */
async function eventsFor(object: string, namespace: string): Promise<string[][]> {
  const { stdout } = await cluster.kubectl("events", "--for", object, "-n", namespace, "--no-headers");
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/).slice(1));
}

describe.each(nodeVersions)("objects of many types, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  let nodeName: string;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("objects");
    nodeName = `worker-${randomBytes(4).toString("hex")}`;
    await cluster.apply(widgets);
    await cluster.kubectl("wait", "--for=condition=Established", "crd/widgets.kev.example", "--timeout=30s");
    await cluster.apply(objects(nodeName), namespace);
  });

  test.each([
    { argument: ["ingress/site"], type: "ingress", name: "site", shown: "Ingress/site" },
    { argument: ["sts", "db"], type: "statefulset", name: "db", shown: "StatefulSet/db" },
    { argument: ["widget/w1"], type: "widgets.kev.example", name: "w1", shown: "Widget/w1" },
    { argument: ["wdg/w2"], type: "widgets.kev.example", name: "w2", shown: "Widget/w2" },
    { argument: ["Widget.v1beta1.kev.example", "w3"], type: "widgets.kev.example", name: "w3", shown: "Widget/w3" },
    { argument: ["po/web"], type: "pod", name: "web", shown: "Pod/web" },
    { argument: ["HorizontalPodAutoscaler/web"], type: "hpa", name: "web", shown: "HorizontalPodAutoscaler/web" },
  ])("$argument is seen by describe and by events --for", async ({ argument, type, name, shown }) => {
    const result = await kev("emit", "MovedHouse", ...argument, "-n", namespace, "-m", "To another shelf");

    expect(masked(result)).toEqual({ code: 0, stdout: `event/${name}.ID created\n`, stderr: "" });
    expect(await described(type, name, namespace)).toEqual([["Normal", "MovedHouse", "kev", "To another shelf"]]);
    expect(await eventsFor(`${type}/${name}`, namespace)).toEqual([
      ["Normal", "MovedHouse", shown, "To another shelf"],
    ]);
  });

  test("a Node's event lives in default, whatever namespace was asked for, and is seen by describe", async () => {
    const args = ["maintenance-start", `node/${nodeName}`, "-n", namespace, "--type", "Warning", "-m", "New disk"];
    const result = await kev("emit", ...args);

    expect(masked(result)).toEqual({ code: 0, stdout: `event/${nodeName}.ID created\n`, stderr: "" });
    expect(await described("node", nodeName, namespace)).toEqual([
      ["Warning", "MaintenanceStarted", "kev", "New disk"],
    ]);
    expect(await eventsFor(`node/${nodeName}`, "default")).toEqual([
      ["Warning", "MaintenanceStarted", `Node/${nodeName}`, "New disk"],
    ]);
  });

  test("a static pod's event is where the kubelet's are", async () => {
    const result = await kev("emit", "CertificateRenewed", "pod/static-web", "-n", namespace, "-m", "Until 2027");

    expect(masked(result)).toEqual({ code: 0, stdout: "event/static-web.ID created\n", stderr: "" });
    expect(await described("pod", "static-web", namespace)).toEqual([
      ["Normal", "CertificateRenewed", "kev", "Until 2027"],
    ]);
    const uid = await cluster.kubectl(
      ...["get", "events", "-n", namespace, "--field-selector=reason=CertificateRenewed"],
      ...["-o", "jsonpath={.items[*].involvedObject.uid}"],
    );
    expect(uid.stdout).toBe("0123456789abcdef0123456789abcdef");
  });

  test("--container says which part of the pod, and describe shows it", async () => {
    for (const container of ["web", "migrate"]) {
      const result = await kev("emit", "Restarted", "pod/parts", "-c", container, "-n", namespace, "-m", container);
      expect(masked(result)).toEqual({ code: 0, stdout: "event/parts.ID created\n", stderr: "" });
    }

    expect((await described("pod", "parts", namespace)).toSorted()).toEqual([
      ["Normal", "Restarted", "kev", "spec.containers{web}: web"],
      ["Normal", "Restarted", "kev", "spec.initContainers{migrate}: migrate"],
    ]);
    expect(masked(await kev("emit", "Restarted", "pod/parts", "-c", "wbe", "-n", namespace))).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: container wbe is not valid for pod parts\nhint: its containers are web, migrate\n",
    });
    expect(masked(await kev("emit", "Restarted", "sts/db", "-c", "db", "-n", namespace))).toEqual({
      code: 2,
      stdout: "",
      stderr: 'error: --container is for pods, "db" is none\n',
    });
  });

  test("--related names a second object", async () => {
    const result = await kev(
      ...["emit", "Moved", "pod/web", "--related", "sts/db", "-n", namespace],
      ...["-o", "jsonpath={.related.apiVersion} {.related.kind}/{.related.name} {.related.namespace}"],
    );

    expect(result).toEqual({ code: 0, stdout: `apps/v1 StatefulSet/db ${namespace}`, stderr: "" });
  });

  test.each([
    ["secret/s", "s", "Secret"],
    ["role/r", "r", "Role"],
    ["networkpolicies/net", "net", "NetworkPolicy"],
    ["quota/q", "q", "ResourceQuota"],
  ])("of %s it is said that describe will not show its events", async (argument, name, kind) => {
    const result = await kev("emit", "Checked", argument, "-n", namespace);

    expect(masked(result)).toEqual({
      code: 0,
      stdout: `event/${name}.ID created\n`,
      stderr: `note: kubectl describe shows no events of a ${kind}; kubectl get events does\n`,
    });
  });

  test("an event is no object to write an event on", async () => {
    const { stdout } = await kev("emit", "First", "pod/web", "-n", namespace, "-o", "name");

    const result = await kev("emit", "Second", stdout.trim(), "-n", namespace);

    expect(masked(result)).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: event/web.ID is an event; kev writes none about events\nhint: name the object that it is about\n",
    });
    const second = await cluster.kubectl("get", "events", "-n", namespace, "--field-selector=reason=Second");
    expect(second.stdout).toBe("");
  });
});

const widgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.kev.example
spec:
  group: kev.example
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wdg]}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
  - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
`;

const objects = (node: string): string => `
apiVersion: v1
kind: Node
metadata: {name: ${node}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: site}
spec: {defaultBackend: {service: {name: site, port: {number: 80}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}}
---
{apiVersion: kev.example/v1, kind: Widget, metadata: {name: w1}}
---
{apiVersion: kev.example/v1, kind: Widget, metadata: {name: w2}}
---
{apiVersion: kev.example/v1, kind: Widget, metadata: {name: w3}}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: parts}
spec: {initContainers: [{name: migrate, image: migrate}], containers: [{name: web, image: web}]}
---
# As the kubelet shows a static pod: the annotation is its manifest's hash, and the uid that describe searches for.
apiVersion: v1
kind: Pod
metadata:
  name: static-web
  annotations: {kubernetes.io/config.mirror: 0123456789abcdef0123456789abcdef}
spec: {nodeName: ${node}, containers: [{name: web, image: web}]}
---
{apiVersion: v1, kind: Secret, metadata: {name: s}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: []}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: net}, spec: {podSelector: {}}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}}
`;
