import { hostname } from "node:os";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();

// The talk's Deployment. Nothing in it differs from one server to another, so its digest is a literal.
const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ui-server
spec:
  replicas: 0
  selector: {matchLabels: {app: ui-server}}
  template:
    metadata: {labels: {app: ui-server}}
    spec:
      initContainers: [{name: migrate, image: "ui-migrate:2"}]
      containers: [{name: ui, image: "ui-server:1.27"}, {name: proxy, image: "envoy:1.30"}]
`;

describe.each(nodeVersions)("row 1 of the talk, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  let deployment: KubeObject;
  let event: KubeEvent;

  const get = async <T>(...args: string[]): Promise<T> => {
    const { stdout, stderr } = await cluster.kubectl("get", ...args, "-n", namespace, "-o", "json");
    if (stderr !== "") throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("talk");
    await cluster.apply(manifest, namespace);
    // Once its controller has been there it does not change any more.
    await cluster.kubectl("rollout", "status", "deployment/ui-server", "-n", namespace);
    deployment = await get<KubeObject>("deployment", "ui-server");

    const result = await kev("emit", "approve", "ui-server", "-n", namespace);

    expect(masked(result)).toEqual({ code: 0, stdout: "event/ui-server.ID created\n", stderr: "" });
    const approvals = await get<{ items: KubeEvent[] }>("events", "--field-selector=reason=Approval");
    expect(approvals.items.map(({ metadata }) => `event/${metadata.name} created\n`)).toEqual([result.stdout]);
    event = approvals.items[0] as KubeEvent;
  });

  test("the stored event has the talk's fields, and says which release was approved and by whom", () => {
    const { uid, resourceVersion } = deployment.metadata;
    expect(event).toEqual({
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        // The server's own; that a name is the one printed has been checked.
        name: event.metadata.name,
        uid: event.metadata.uid,
        resourceVersion: event.metadata.resourceVersion,
        creationTimestamp: event.metadata.creationTimestamp,
        namespace,
        annotations: {
          "kev.dev/approver": "admin",
          "kev.dev/images": "migrate=ui-migrate:2,ui=ui-server:1.27,proxy=envoy:1.30",
          "kev.dev/template-digest": "v1:sha256:d29c0fbcc4bd481032df2fc3f5d75d4cf930615fbd36b381ce6e24ca96375c9f",
        },
      },
      involvedObject: { apiVersion: "apps/v1", kind: "Deployment", name: "ui-server", namespace, uid, resourceVersion },
      reason: "Approval",
      message: "Manually tested and approved",
      type: "Normal",
      source: { component: "ci-approver", host: hostname() },
      reportingComponent: "ci-approver",
      reportingInstance: hostname(),
      // The server prints it, empty.
      eventTime: null,
      firstTimestamp: event.firstTimestamp,
      lastTimestamp: event.firstTimestamp,
      count: 1,
    });
    expect(event.metadata.name).toMatch(/^ui-server\.[a-z0-9]{24}$/);
    // Two clocks of one machine: the difference is the second that both cut off.
    const written = Date.parse(event.firstTimestamp ?? "");
    expect(Math.abs(written - Date.parse(event.metadata.creationTimestamp ?? ""))).toBeLessThanOrEqual(1000);
  });

  test("kubectl get events shows it as the talk does", async () => {
    const { stdout } = await cluster.kubectl("get", "events", "-n", namespace, "--field-selector=reason=Approval");

    expect(stdout.replace(/^\d+s /m, "5s ").replaceAll(/ {2,}/g, "  ")).toBe(
      "LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\n" +
        "5s  Normal  Approval  deployment/ui-server  Manually tested and approved\n",
    );
  });

  test("kubectl describe deployment lists it from ci-approver", async () => {
    const { stdout } = await cluster.kubectl("describe", "deployment", "ui-server", "-n", namespace);

    const approvals = stdout.split("\n").filter((line) => line.includes("Approval"));
    expect(
      approvals.map((line) =>
        line
          .trim()
          .replace(/ \d+s /, " 5s ")
          .split(/ {2,}/),
      ),
    ).toEqual([["Normal", "Approval", "5s", "ci-approver", "Manually tested and approved"]]);
  });

  test("the ReplicaSet's template has the digest of the approval, so a gate can compare", async () => {
    const { templateDigest } = await import("../../src/events/template-digest.ts");
    const { items } = await get<{ items: { spec: { template: unknown } }[] }>("replicasets");

    expect(items.map(({ spec }) => templateDigest(spec.template))).toEqual([
      event.metadata.annotations?.["kev.dev/template-digest"],
    ]);
  });
});
