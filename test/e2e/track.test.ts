import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ControlPlane, startControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { type RunningCommand, runCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(240_000);

let cluster: ControlPlane;
let connection: StreamingConnection;

beforeAll(async () => {
  // One of its own: it is killed.
  cluster = await startControlPlane();
  connection = await connect({ kubeconfig: cluster.adminKubeconfig, env: {}, homeDir: "/nonexistent" });
});
afterAll(async () => {
  connection?.close();
  await cluster?.stop();
});

async function written(namespace: string): Promise<KubeEvent[]> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const { items } = await connection.request<{ items: KubeEvent[] }>({
    path,
    query: { fieldSelector: "source=kev-track" },
  });
  return items.sort((one, other) => Number(one.metadata.resourceVersion) - Number(other.metadata.resourceVersion));
}
const textOf = ({ reason, message, involvedObject: { kind, name } }: KubeEvent): string =>
  `${kind}/${name} ${reason}: ${message}`;

/** Sets the replicas of a Deployment through the API, as `manager`. */
async function setReplicas(namespace: string, name: string, replicas: number, manager: string): Promise<void> {
  await connection.request({
    method: "PATCH",
    path: `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`,
    query: { fieldManager: manager },
    contentType: "application/merge-patch+json",
    body: { spec: { replicas } },
  });
}

let kev: Kev;
let namespace: string;
const must = (...args: string[]) => cluster.must(...args, "-n", namespace);

async function track(types: string, state: string, ...flags: string[]): Promise<RunningCommand> {
  const args = ["track", types, "-n", namespace, "--listen", "none", "--state", state, "--debounce", "500ms", ...flags];
  return kev.start({}, ...args);
}
async function tracking(types: string, state: string, ...flags: string[]): Promise<RunningCommand> {
  const running = await track(types, state, ...flags);
  await until(() => running.output.stderr.match(/"all objects were listed"/g)?.length === types.split(",").length);
  return running;
}
const count = async () => (await written(namespace)).length;

describe.each(nodeVersions)("kev track on $name", (node) => {
  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
  });

  test("shows a scale, an image change and an edit, each once, with the right manager, and nothing else", async () => {
    namespace = await uniqueNamespace("track", cluster);
    await must("create", "deployment", "ui", "--image=nginx:1.27");
    const running = await tracking("deployments", "shown.db");
    await must("scale", "deployment", "ui", "--replicas=2");
    await until(async () => (await count()) === 1);
    await must("set", "image", "deployment/ui", "nginx=nginx:1.28");
    await until(async () => (await count()) === 2);
    const editor = {
      HOME: kev.folder,
      KUBECONFIG: cluster.adminKubeconfig,
      KUBE_EDITOR: "sed -i s/nginx:1.28/nginx:1.29/",
    };
    const env = { PATH: process.env.PATH ?? "", ...editor };
    const edit = ["edit", "deployment/ui", "-n", namespace];
    expect((await runCommand(cluster.kubectlPath, edit, { env, cwd: kev.folder })).code).toBe(0);
    await until(async () => (await count()) === 3);
    // As the autoscaler does.
    await setReplicas(namespace, "ui", 3, "kube-controller-manager");
    await until(async () => (await count()) === 4);
    // Status, the revision and ReplicaSets have changed meanwhile.
    await until(async () => {
      const { metadata, status } = JSON.parse(await must("get", "deployment", "ui", "-o", "json"));
      return status.observedGeneration === metadata.generation;
    });
    running.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    const events = await written(namespace);
    const image = "spec.template.spec.containers[nginx].image";
    expect(events.map(textOf)).toEqual([
      "Deployment/ui ObjectChanged: kubectl (Update of scale) changed spec.replicas: 1 → 2",
      `Deployment/ui ObjectChanged: kubectl-set (Update) changed ${image}: nginx:1.27 → nginx:1.28`,
      `Deployment/ui ObjectChanged: kubectl-edit (Update) changed ${image}: nginx:1.28 → nginx:1.29`,
      "Deployment/ui ObjectChanged: kube-controller-manager (Update of scale) changed spec.replicas: 2 → 3",
    ]);
    expect({ code, stdout }).toEqual({
      code: 143,
      stdout: events.map(({ metadata }) => `event/${metadata.name} created\n`).join(""),
    });
    expect(await must("describe", "deployment", "ui")).toContain(`kev-track              ${events[1]?.message}`);
  });

  test("tells of Secrets which values have changed, and keeps, logs and tells none of them", async () => {
    namespace = await uniqueNamespace("secret", cluster);
    const values = ["correcthorse", "batterystaple", "tr0ub4dor-and-3"];
    const encoded = values.map((value) => Buffer.from(value).toString("base64"));
    await must("create", "secret", "generic", "db", `--from-literal=password=${values[0]}`);
    const running = await tracking("secrets,configmaps", "secret.db");
    await must("patch", "secret", "db", "-p", JSON.stringify({ stringData: { password: values[1], url: values[2] } }));
    await must("create", "configmap", "settings", `--from-literal=dsn=${values[2]}`);
    await until(async () => (await count()) === 2);
    await must("delete", "secret", "db");
    await until(async () => (await count()) === 3);
    running.kill("SIGKILL");
    const { stdout, stderr } = await running.ended;
    const events = await written(namespace);
    expect(events.map(textOf).sort()).toEqual([
      "ConfigMap/settings ObjectCreated: kubectl-create (Update) created it",
      "Secret/db ObjectChanged: kubectl-patch (Update) changed data.password; data.url (added)",
      "Secret/db ObjectDeleted: It was deleted; by whom, the API server does not say",
    ]);
    const files = await Promise.all(
      ["secret.db", "secret.db-wal"].map((file) => readFile(join(kev.folder, file), "latin1").catch(() => "")),
    );
    expect(files[0]).toContain("SQLite");
    for (const text of [...files, stdout, stderr, JSON.stringify(events)]) {
      for (const value of [...values, ...encoded]) expect(text).not.toContain(value);
    }
  });

  test.each(["end.db", "none"])("what changes just before it is ended is written: --state %s", async (state) => {
    namespace = await uniqueNamespace("end", cluster);
    await must("create", "configmap", "settings", "--from-literal=a=1");
    // Longer than any test: only the end closes the group.
    const running = await tracking("configmaps", state, "--debounce", "1h", "--listen", "127.0.0.1:0");
    const [, address] = /"tracking" .*metrics=(\S+)/.exec(running.output.stderr) ?? [];
    await must("label", "configmap", "settings", "team=x");
    await until(async () =>
      (await (await fetch(`http://${address}/metrics`)).text()).includes("kev_track_pending_objects 1"),
    );
    running.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    const events = await written(namespace);
    expect(events.map(textOf)).toEqual([
      "ConfigMap/settings ObjectChanged: kubectl-label (Update) changed metadata.labels.team: none → x",
    ]);
    expect({ code, stdout }).toEqual({ code: 143, stdout: `event/${events[0]?.metadata.name} created\n` });
  });

  test("killed at random moments while things change: every change told, each once", async () => {
    namespace = await uniqueNamespace("kills", cluster);
    const names = ["a", "b", "c"];
    for (const name of names) await must("create", "deployment", name, "--image=nginx", "--replicas=0");
    (await tracking("deployments", "kills.db")).kill("SIGKILL");
    const steps = async (name: string) =>
      (await written(namespace))
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(
          ({ message = "" }) =>
            /^changer \(Update of scale\) changed spec\.replicas: (\d+) → (\d+)$/.exec(message)?.slice(1).map(Number) ??
            [],
        )
        .sort(([one = 0], [other = 0]) => one - other);
    let isOver = false;
    let last = 0;
    const changing = (async () => {
      for (let replicas = 1; !isOver; replicas++) {
        for (const name of names) await setReplicas(namespace, name, 0 + replicas, "changer");
        last = replicas;
        await sleep(100);
      }
    })();
    for (let kill = 0; kill < 8; kill++) {
      const running = await track("deployments", "kills.db", "--debounce", kill % 2 === 0 ? "0" : "300ms");
      // From the first moments of the start to the middle of the work.
      if (kill % 4 > 0) await until(() => running.output.stderr.includes('"tracking"'));
      // One comes as far as to write, however slow the machine is: the others may all be killed before.
      if (kill === 3) await until(async () => (await Promise.all(names.map(steps))).every(({ length }) => length > 0));
      await sleep((kill * 137) % 800);
      running.kill("SIGKILL");
      await running.ended;
    }
    isOver = true;
    await changing;
    const running = await track("deployments", "kills.db");
    await until(async () => (await Promise.all(names.map(steps))).every((some) => some.at(-1)?.[1] === last));
    running.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    for (const name of names) {
      const told = await steps(name);
      // Each begins where the one before it has ended: none is missing, and none is there twice.
      expect(told.map(([before]) => before)).toEqual([0, ...told.slice(0, -1).map(([, after]) => after)]);
      expect(told.length).toBeGreaterThan(1);
    }
  });
});

describe("kev track", () => {
  beforeAll(async () => {
    const node = nodeVersions.at(-1);
    if (node) kev = await installedKev(node, cluster.adminKubeconfig);
  });

  test("down while things change and the server forgets: told at the next start; one that runs waits for the server", async () => {
    namespace = await uniqueNamespace("down", cluster);
    for (const name of ["kept", "changed", "gone"]) await must("create", "configmap", name, "--from-literal=a=1");
    await must("create", "secret", "generic", "late");
    const first = await tracking("configmaps", "down.db");
    first.kill("SIGTERM");
    await first.ended;
    const running = await tracking("secrets", "running.db");
    await must("label", "configmap", "changed", "team=x");
    await must("delete", "configmap", "gone");
    await must("create", "configmap", "new", "--from-literal=a=1");
    await cluster.compactEtcd();
    await cluster.killApiServer();
    await until(() => running.output.stderr.includes('"reading failed"'));
    await cluster.startApiServer();
    const again = await track("configmaps", "down.db");
    await must("label", "secret", "late", "team=x");
    await until(async () => (await count()) === 4, 90_000);
    again.kill("SIGTERM");
    running.kill("SIGTERM");
    const { stderr } = await again.ended;
    await running.ended;
    expect((await written(namespace)).map(textOf).sort()).toEqual([
      "ConfigMap/changed ObjectChanged: kubectl-label (Update) changed metadata.labels.team: none → x",
      "ConfigMap/gone ObjectDeleted: It was deleted; by whom, the API server does not say",
      "ConfigMap/new ObjectCreated: kubectl-create (Update) created it",
      "Secret/late ObjectChanged: kubectl-label (Update) changed metadata.labels.team: none → x",
    ]);
    expect(stderr).toContain('"all objects were listed" type=configmaps cause=expired');
  });

  test("what leaves the selection is not said to be deleted", async () => {
    namespace = await uniqueNamespace("selector", cluster);
    await must("create", "configmap", "one", "--from-literal=a=1");
    await must("label", "configmap", "one", "app=ui");
    const running = await tracking("cm", "none", "-l", "app=ui");
    await must("label", "configmap", "one", "app=other", "--overwrite");
    await until(async () => (await count()) === 1);
    await must("label", "configmap", "one", "app=ui", "--overwrite");
    await must("delete", "configmap", "one");
    await until(async () => (await count()) === 2);
    running.kill("SIGTERM");
    await running.ended;
    expect((await written(namespace)).map(textOf)).toEqual([
      "ConfigMap/one ObjectChanged: kubectl-label (Update) changed metadata.labels.app: ui → other",
      "ConfigMap/one ObjectDeleted: It was deleted; by whom, the API server does not say",
    ]);
  });

  test("a right that is missing is said at the start, with what grants it", async () => {
    namespace = await uniqueNamespace("rights", cluster);
    await must("create", "serviceaccount", "tracker");
    const as = `--as=system:serviceaccount:${namespace}:tracker`;
    const run = () => kev("track", "deployments", "-n", namespace, as, "--listen", "none", "--state", "none");
    const one = await run();
    expect({ code: one.code, line: one.stderr.split("\n")[0] }).toEqual({
      code: 4,
      line: `Error from server (Forbidden): events is forbidden: User "system:serviceaccount:${namespace}:tracker" cannot create resource "events" in API group "" in the namespace "${namespace}"`,
    });
    const [, grant = ""] = /\n {2}kubectl (create role .*)\n/.exec(one.stderr) ?? [];
    const [, bind = ""] = /\n {2}kubectl (create rolebinding .*)\n/.exec(one.stderr) ?? [];
    await cluster.must(...grant.split(" "));
    await cluster.must(...bind.split(" "));
    await until(async () => (await run()).stderr.includes("cannot list resource"));
    const two = await run();
    expect({ code: two.code, stderr: two.stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(
        /^\S+ info "tracking" .*\nError from server \(Forbidden\): deployments\.apps is forbidden: .* cannot list .*\nhint: .*kubectl create role kev-list-deployments/s,
      ),
    });
  });

  test("a namespace that does not exist is said, and tracked once it is made", async () => {
    namespace = `comes-${randomBytes(4).toString("hex")}`;
    const running = await tracking("configmaps", "none");
    expect(running.output.stderr.split("\n")[0]).toMatch(
      new RegExp(`^\\S+ warn "the namespace does not exist" namespace=${namespace}`),
    );
    await cluster.must("create", "namespace", namespace);
    await must("create", "configmap", "one");
    await until(async () => (await written(namespace)).some(({ involvedObject: { name } }) => name === "one"));
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
  });

  test("a type that vanishes is said, and the others go on; a namespace that ends holds up nobody", async () => {
    const doomed = await uniqueNamespace("doomed", cluster);
    namespace = await uniqueNamespace("stays", cluster);
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgets.example.com" },
      spec: {
        group: "example.com",
        names: { kind: "Widget", plural: "widgets", singular: "widget", shortNames: ["wd"] },
        scope: "Namespaced",
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        ],
      },
    };
    const apply = async (object: object) => {
      const { code, stderr } = await cluster.kubectlWith({ stdin: JSON.stringify(object) }, "create", "-f", "-");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    };
    await apply(crd);
    await cluster.must("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=30s");
    const running = kev.start({}, "track", "wd", "cm", "--listen", "none", "--debounce", "0");
    await until(() => running.output.stderr.match(/"all objects were listed"/g)?.length === 2);
    await apply({
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name: "w", namespace },
      spec: { size: 1, list: [{ name: "x", v: 1 }] },
    });
    await until(async () => (await written(namespace)).length === 1);
    await cluster.must(
      "patch",
      "widget",
      "w",
      "-n",
      namespace,
      "--type=merge",
      "-p",
      '{"spec":{"size":2,"list":[{"name":"x","v":2}]}}',
    );
    await until(async () => (await written(namespace)).length === 2);
    await cluster.must("delete", "crd", "widgets.example.com");
    await until(() =>
      running.output.stderr.includes(
        '"the server does not serve this type any more; the others go on" type=widgets.example.com',
      ),
    );
    await cluster.must("create", "configmap", "last", "-n", doomed);
    await until(async () => (await written(doomed)).length === 1);
    await cluster.must("delete", "namespace", doomed, "--wait=false");
    await until(() => running.output.stderr.includes('"the API server has refused an event, which is lost"'));
    await cluster.must("create", "configmap", "after", "--from-literal=a=1", "-n", namespace);
    await until(async () => (await written(namespace)).length === 4);
    running.kill("SIGTERM");
    await running.ended;
    expect((await written(namespace)).map(textOf)).toEqual([
      "Widget/w ObjectCreated: kubectl-create (Update) created it",
      "Widget/w ObjectChanged: kubectl-patch (Update) changed spec.list[x].v: 1 → 2; spec.size: 1 → 2",
      "Widget/w ObjectDeleted: It was deleted; by whom, the API server does not say",
      "ConfigMap/after ObjectCreated: kubectl-create (Update) created it",
    ]);
  });
});
