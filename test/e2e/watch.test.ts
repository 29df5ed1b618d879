import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { type Fate, startFlakyProxy } from "../support/flaky-proxy.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

const cluster = sharedControlPlane();

describe.each(nodeVersions)("kev events -w, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  const emit = (...args: string[]) => kev("emit", ...args, "-n", namespace, "-q");

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("watch");
    await cluster.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}", namespace);
    await emit("First", "cm/m", "--at", "1h");
    await emit("Second", "cm/m", "--at", "2h");
  });

  test("what is there in order, then what comes, count-ups as such, until Ctrl-C", async () => {
    const running = kev.start({}, "events", "cm/m", "-w", "-n", namespace, "-o", "jsonl");
    const seen = (): KubeEvent[] =>
      running.output.stdout
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    await until(() => seen().length === 2);
    await emit("Third", "cm/m", "--key", "k");
    await until(() => seen().length === 3);
    await emit("Third", "cm/m", "--key", "k");
    await until(() => seen().length === 4);
    running.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(seen().map(({ reason, count }) => `${reason} ${count}`)).toEqual([
      "Second 1",
      "First 1",
      "Third 1",
      "Third 2",
    ]);
  });

  test("one name in two namespaces; a count that goes from 3 to 9; many in one second", async () => {
    const namespaces = [await uniqueNamespace("watch"), await uniqueNamespace("watch")];
    const component = namespaces[0] ?? "";
    const event = (name: string, space: string): object => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: space },
      involvedObject: { apiVersion: "v1", kind: "Pod", name: "web-0", namespace: space },
      reason: "BackOff",
      message: name,
      type: "Warning",
      source: { component },
      count: 3,
      firstTimestamp: "2026-11-23T10:00:00Z",
      lastTimestamp: "2026-11-23T10:00:00Z",
    });
    const args = ["events", "-A", "-w", "--component", component, "--utc", "--no-headers"];
    const running = kev.start({}, ...args);
    const lines = (): string[] => running.output.stdout.split("\n").slice(0, -1);
    for (const space of namespaces) await cluster.apply(JSON.stringify(event("same", space)), space);
    await until(() => lines().length === 2);
    await cluster.kubectl(
      ...["patch", "event", "same", "-n", component, "--type=merge"],
      ...["-p", '{"count":9,"lastTimestamp":"2026-11-23T10:10:00Z"}'],
    );
    await until(() => lines().length === 3);
    const many = Array.from({ length: 50 }, (_, index) => event(`many-${index}`, component));
    await cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: many }), component);
    await until(() => lines().length === 53);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
    const cells = lines().map((line) => line.split(/ {2,}/));
    const first = "2026-11-23T10:00:00Z (x3 since 2026-11-23T10:00:00Z)";
    expect(cells.slice(0, 3)).toEqual([
      [namespaces[0], first, "Warning", "BackOff", "Pod/web-0", "same"],
      [namespaces[1], first, "Warning", "BackOff", "Pod/web-0", "same"],
      [namespaces[0], "2026-11-23T10:10:00Z (+6, x9)", "Warning", "BackOff", "Pod/web-0", "same"],
    ]);
    expect(
      cells
        .slice(3)
        .map((row) => row.at(-1))
        .sort(),
    ).toEqual(many.map((_, index) => `many-${index}`).sort());
  });

  test("a list that fails half-way: nothing half is printed, and -w goes on from where it was", async () => {
    let requests = 0;
    // The second page breaks off in the middle; with `lasting` each one that comes after it, too.
    let lasting = true;
    const fate = (): Fate => (++requests === 2 || (lasting && requests > 2) ? "cut-within" : "pass");
    const proxy = await startFlakyProxy(cluster, { fate });
    try {
      // A proxy hands on no client certificate.
      const viewer = ["create", "rolebinding", "view", "--clusterrole=view", `--serviceaccount=${namespace}:default`];
      await cluster.kubectl(...viewer, "-n", namespace);
      const token = await cluster.tokenFor("default", namespace);
      const flags = ["-s", proxy.url, "--token", token, "--chunk-size", "1", "-o", "name"];
      const args = ["events", "cm/m", "-n", namespace, ...flags];
      const { code, stdout, stderr } = await kev(...args);
      expect({ code, stdout }).toEqual({ code: 6, stdout: "" });
      expect(stderr).toMatch(/^Unable to connect to the server: /);
      lasting = false;
      requests = 0;
      const running = kev.start({}, ...args, "-w");
      await until(() => running.output.stdout !== "");
      running.kill("SIGINT");
      const whole = await kev("events", "cm/m", "-n", namespace, "-o", "name");
      const watched = await running.ended;
      expect(watched.stdout).toBe(whole.stdout);
      expect(watched.stderr).toMatch(/^note: Unable to connect to the server: .*; trying again\n$/);
    } finally {
      await proxy.close();
    }
  });

  test("ends quietly when nobody reads any more", async () => {
    const line = `kev events -w -n ${namespace} -o name | head -n 1`;
    const running = kev.shell(line);
    const writing = (async () => {
      let isOver = false;
      running.finally(() => (isOver = true));
      while (!isOver) await emit("More", "cm/m");
    })();
    expect(await running).toMatchObject({ code: 0, stdout: expect.stringMatching(/^event\/m\.\w+\n$/), stderr: "" });
    await writing;
  });

  test("ends at once when its output cannot be written", async () => {
    expect(await kev.shell(`kev events -w -n ${namespace} > /dev/full`)).toEqual({
      code: 1,
      stdout: "",
      stderr: "error: cannot write output: ENOSPC: no space left on device, write\n",
    });
  });

  test("a namespace that may not be read is a failure, not silence", async () => {
    const nobody = await installedKev(node, await cluster.kubeconfigFor({ user: "nobody" }));
    expect(await nobody("events", "-w", "-n", namespace)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^Error from server \(Forbidden\): events is forbidden: User "nobody" cannot list/),
    });
  });
});
