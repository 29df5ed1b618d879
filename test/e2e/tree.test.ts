import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

const cluster = sharedControlPlane();

describe.each(nodeVersions)("--tree, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  let hash: Readonly<Record<string, string>> = {};

  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(...args, "-n", namespace);
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const podOf = (app: string): Promise<string> =>
    kubectl("get", "pods", "-l", `app=${app}`, "-o", "jsonpath={.items[0].metadata.name}");
  /** Names of ReplicaSets and Pods end in what nobody can foretell. */
  const masked = (text: string): string => {
    let result = text.replaceAll(namespace, "NS").replaceAll(/(?<=^| )\d+s(?= )/gm, "AGE");
    for (const [name, shown] of Object.entries(hash)) result = result.replaceAll(name, shown);
    return result.replaceAll(/ {2,}/g, "  ");
  };
  const events = async (...args: string[]) => {
    const { code, stdout, stderr } = await kev("events", "-n", namespace, ...args);
    return { code, stdout: masked(stdout), stderr: masked(stderr) };
  };

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("tree");
    for (const app of ["ui", "ui-server"]) await kubectl("create", "deployment", app, "--image=a");
    await until(async () => (await kubectl("get", "pods", "-o", "name")).split("\n").length === 2);
    const first = await podOf("ui");
    await kev("emit", "Probed", `pod/${first}`, `pod/${await podOf("ui-server")}`, "-m", "ok", "-n", namespace);
    // The first ReplicaSet and its Pod go.
    await kubectl("patch", "deployment", "ui", "--type=merge", "-p", '{"spec":{"revisionHistoryLimit":0}}');
    await kubectl("set", "image", "deployment/ui", "*=b");
    await until(async () => (await podOf("ui")) !== first && (await podOf("ui")) !== "");
    const second = await podOf("ui");
    const [old = "", now = ""] = [first, second].map((pod) => pod.replace(/-[^-]*$/, ""));
    hash = { [first]: "ui-OLD-pod", [second]: "ui-NEW-pod", [old]: "ui-OLD", [now]: "ui-NEW" };
    // Without a kubelet nothing gets ready: the controller waits for ever, so the old ones are taken away by hand.
    await kubectl("delete", "replicaset", old);
    await until(async () => !(await kubectl("get", "pods", "-o", "name")).includes(first));
  });

  test("the object and what it owns, gone ones as such, and nothing of its namesake", async () => {
    const { code, stdout, stderr } = await events("deploy/ui", "--tree", "--sort-by", ".metadata.resourceVersion");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [header, ...lines] = stdout.trimEnd().split("\n");
    expect(header).toBe("LAST SEEN  TYPE  REASON  OBJECT  MESSAGE");
    // The controllers of Deployments and of ReplicaSets write for themselves: which one is first is theirs to say.
    expect(lines.slice(0, 2).sort()).toEqual([
      "AGE  Normal  ScalingReplicaSet  Deployment/ui  Scaled up replica set ui-OLD from 0 to 1",
      "AGE  Normal  SuccessfulCreate  ReplicaSet/ui-OLD (gone)  Created pod: ui-OLD-pod",
    ]);
    expect(lines[2]).toBe("AGE  Normal  Probed  Pod/ui-OLD-pod (gone)  ok");
    expect(lines.slice(3).sort()).toEqual([
      "AGE  Normal  ScalingReplicaSet  Deployment/ui  Scaled up replica set ui-NEW from 0 to 1",
      "AGE  Normal  SuccessfulCreate  ReplicaSet/ui-NEW  Created pod: ui-NEW-pod",
    ]);
  });

  test("filters leave out what they leave out, and still tell what is whose", async () => {
    expect((await events("deploy/ui", "--tree", "--reason", "Probed", "--no-headers")).stdout).toBe(
      "AGE  Normal  Probed  Pod/ui-OLD-pod (gone)  ok\n",
    );
    expect(await events("deploy/ui", "--tree", "--reason", "Never")).toEqual({
      code: 0,
      stdout: "",
      stderr: "No events found in NS namespace.\n",
    });
  });

  test("what comes, of Pods that were not there before", async () => {
    const running = kev.start({}, "events", "deploy/ui", "--tree", "-w", "-n", namespace, "-o", "name");
    const waiting = kev(
      "wait",
      "deploy/ui",
      "--tree",
      "--for",
      "Probed",
      "--message",
      "again",
      "-n",
      namespace,
      "-o",
      "name",
    );
    await until(async () => running.output.stdout.split("\n").length > 5);
    await kubectl("scale", "deployment/ui", "--replicas=2");
    const podsOf = () => kubectl("get", "pods", "-l", "app=ui", "-o", "name");
    await until(async () => (await podsOf()).split("\n").length === 2);
    const pods = (await podsOf()).split("\n");
    await kev("emit", "Probed", ...pods, "-m", "again", "-n", namespace);
    await until(async () => pods.every((pod) => running.output.stdout.includes(`event/${pod.replace("pod/", "")}.`)));
    running.kill("SIGINT");
    const { stdout, stderr } = await running.ended;
    expect({ stderr, others: stdout.match(/ui-server/g) }).toEqual({ stderr: "", others: null });
    expect((await waiting).code).toBe(0);
  });

  test("who may not read Pods is told, and sees them by name", async () => {
    await cluster.apply(
      JSON.stringify({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: "reader" },
        rules: [
          { apiGroups: [""], resources: ["events"], verbs: ["list", "watch"] },
          { apiGroups: ["apps"], resources: ["deployments", "replicasets"], verbs: ["get", "list"] },
        ],
      }),
      namespace,
    );
    await kubectl("create", "rolebinding", "reader", "--role=reader", "--user=jane");
    const { code, stdout, stderr } = await events(
      "deploy/ui",
      "--tree",
      "--as",
      "jane",
      "--grep",
      "^ok$",
      "--no-headers",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "AGE  Normal  Probed  Pod/ui-OLD-pod  ok\n" });
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(
        /^note: pods.* is forbidden: User "jane" cannot (get|list) resource "pods" in API group "" in the namespace "NS"; whose they are is told by names and events alone$/,
      ),
      "",
    ]);
  });

  test("a tree of nothing is wrong usage", async () => {
    expect(await events("--tree")).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: --tree needs an object, like deploy/ui-server\n",
    });
  });
});
