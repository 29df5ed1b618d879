import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type ControlPlane, sharedControlPlane, startControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { until } from "../support/until.ts";

// Each control plane takes some seconds to start; this only bounds a hang.
jest.setTimeout(120_000);

describe("the shared control plane", () => {
  test("refuses a user without rights and knows its groups", async () => {
    const cluster = sharedControlPlane();
    const kubeconfig = await cluster.kubeconfigFor({ user: "jane", groups: ["dev", "ops"], namespace: "prod" });

    const refused = await cluster.kubectlWith({ kubeconfig }, "get", "pods");
    const whoami = await cluster.kubectlWith(
      { kubeconfig },
      "auth",
      "whoami",
      "-o",
      "jsonpath={.status.userInfo.groups}",
    );

    expect(refused).toEqual({
      stdout: "",
      stderr:
        'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "prod"\n',
      code: 1,
    });
    expect(whoami.stdout).toBe('["dev","ops","system:authenticated"]');
    expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600);
  });

  test("lets groups and service accounts do what a role gives them", async () => {
    const cluster = sharedControlPlane();
    const namespace = await uniqueNamespace("roles");
    const bound = await cluster.kubectl(
      "create",
      "rolebinding",
      "editors",
      "--clusterrole=edit",
      "--group=dev",
      `--serviceaccount=${namespace}:default`,
      "-n",
      namespace,
    );
    expect(bound.stderr).toBe("");

    const token = await cluster.tokenFor("default", namespace);
    for (const kubeconfig of [
      await cluster.kubeconfigFor({ user: "jane", groups: ["dev"], namespace }),
      await cluster.kubeconfigWith({ token }, namespace),
    ]) {
      const can = async () =>
        (await cluster.kubectlWith({ kubeconfig }, "auth", "can-i", "create", "deployments")).stdout;
      await until(async () => (await can()) === "yes\n");
    }
  });

  test("makes the ReplicaSet of a Deployment", async () => {
    const cluster = sharedControlPlane();
    const namespace = await uniqueNamespace("rollout");

    await cluster.apply(deployment, namespace);

    const replicaSets = [
      "get",
      "replicasets",
      "-n",
      namespace,
      "-o",
      "jsonpath={.items[*].spec.template.spec.containers[*].image}",
    ];
    await until(async () => (await cluster.kubectl(...replicaSets)).stdout === "ui-server:1");
  });

  test("says what kubectl said when a manifest is refused", async () => {
    await expect(sharedControlPlane().apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n")).rejects.toThrow(
      "kubectl apply -n default -f - ended with 1: error: error when retrieving current configuration of:",
    );
  });
});

describe("a control plane of one's own", () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    cluster = await startControlPlane({ eventTtl: "2s" });
  });
  afterAll(() => cluster.stop());

  test("forgets events after --event-ttl", async () => {
    const created = await cluster.kubectlWith({ stdin: event }, "create", "-f", "-");
    expect(created).toEqual({ stdout: "event/short-lived created\n", stderr: "", code: 0 });

    await until(async () => (await cluster.kubectl("get", "event", "short-lived", "-n", "default")).stderr === gone);
  });

  test("refuses a watch from before a compaction with 410", async () => {
    const list = await cluster.kubectl("get", "--raw", "/api/v1/events");
    const { resourceVersion } = (JSON.parse(list.stdout) as { metadata: { resourceVersion: string } }).metadata;

    await cluster.compactEtcd();

    const watch = `/api/v1/events?watch=1&timeoutSeconds=3&resourceVersion=${resourceVersion}`;
    const { stdout } = await cluster.kubectl("get", "--raw", watch);
    expect(JSON.parse(stdout)).toEqual({
      type: "ERROR",
      object: {
        apiVersion: "v1",
        kind: "Status",
        metadata: {},
        status: "Failure",
        message: "The resourceVersion for the provided watch is too old.",
        reason: "Expired",
        code: 410,
      },
    });
  });

  test("keeps port, data and controllers when the API server is killed and started again", async () => {
    await cluster.kubectl("create", "configmap", "kept");

    await cluster.killApiServer();
    const meanwhile = await cluster.kubectl("get", "configmap", "kept");
    await cluster.startApiServer();

    expect(meanwhile.code).toBe(1);
    expect(meanwhile.stderr).toContain(`The connection to the server ${new URL(cluster.server).host} was refused`);
    expect((await cluster.kubectl("get", "configmap", "kept", "-o", "name")).stdout).toBe("configmap/kept\n");
    await cluster.apply(deployment);
    await until(async () => (await cluster.kubectl("get", "replicasets", "-o", "name")).stdout !== "");
    await expect(cluster.startApiServer()).rejects.toThrow("The API server is already running");
  });
});

describe("the end", () => {
  test("leaves no process and no folder after stop()", async () => {
    const cluster = await startControlPlane({ controllers: false });
    const pids = [...cluster.pids];
    expect(pids).toHaveLength(3);
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true, true]);

    await cluster.stop();

    expect(await Promise.all(pids.map(isAlive))).toEqual([false, false, false]);
    expect(existsSync(cluster.dir)).toBe(false);
  });

  test("leaves no process and no folder when the parent is killed by SIGKILL", async () => {
    const { pids, dir, parent } = await startInAnotherProcess("stay");
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true, true]);

    parent.kill("SIGKILL");

    await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true) && !existsSync(dir));
  });

  test("comes by the command of detach() when it has outlived its parent", async () => {
    const { pids, dir, parent, command } = await startInAnotherProcess("detach");
    await once(parent, "exit");
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true]);

    await promisify(execFile)("sh", ["-c", command]);

    await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true));
    expect(existsSync(dir)).toBe(false);
  });

  test("shows the log and leaves nothing when the API server does not start", async () => {
    const failure = await startControlPlane({ apiServerFlags: ["--no-such-flag"] }).catch((error: Error) => error);

    expect(failure).toBeInstanceOf(Error);
    const { message } = failure as Error;
    expect(message).toContain("kube-apiserver ended (exit code 1) before being ready; the end of its log");
    expect(message).toContain("unknown flag: --no-such-flag");
    const log = /\((\/\S+kube-apiserver\.log)\)/.exec(message)?.[1];
    expect(log && existsSync(join(log, ".."))).toBe(false);
  });
});

async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "stat=", "-p", `${pid}`]).catch(() => ({ stdout: "" }));
  // A zombie has ended; only its parent has not asked yet.
  return stdout !== "" && !stdout.startsWith("Z");
}

/** Another Node that starts a control plane and then either stays or, having detached it, ends. */
async function startInAnotherProcess(then: "stay" | "detach") {
  const module = JSON.stringify(join(import.meta.dirname, "../support/control-plane.ts"));
  const script = `
    const { startControlPlane } = await import(${module});
    const cluster = await startControlPlane({ controllers: false });
    const command = ${then === "detach" ? "await cluster.detach()" : '""'};
    const { dir, pids } = cluster;
    process.stdout.write(JSON.stringify({ dir, pids, command }) + "\\n");
    ${then === "stay" ? "setInterval(() => {}, 60_000);" : ""}`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await parent.stdout.setEncoding("utf8").take(1).toArray()) as [string];
  return { parent, ...(JSON.parse(line) as { pids: number[]; dir: string; command: string }) };
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ui-server }
spec:
  selector: { matchLabels: { app: ui-server } }
  template:
    metadata: { labels: { app: ui-server } }
    spec: { containers: [{ name: ui-server, image: "ui-server:1" }] }
`;

const event = JSON.stringify({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "short-lived", namespace: "default" },
  involvedObject: { apiVersion: "v1", kind: "Namespace", name: "default" },
  reason: "Tested",
  type: "Normal",
});

const gone = 'Error from server (NotFound): events "short-lived" not found\n';
