import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(120_000);

const cluster = sharedControlPlane();

describe.each(nodeVersions)("--key, on $name", (node) => {
  let kev: Kev;
  let namespace: string;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("keyed");
    for (const name of ["crowd", "once", "gone", "apart"]) {
      await cluster.apply(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`, namespace);
    }
  });

  async function eventsOn(name: string): Promise<KubeEvent[]> {
    const selector = `--field-selector=involvedObject.name=${name}`;
    const { stdout } = await cluster.kubectl("get", "events", "-n", namespace, selector, "-o", "json");
    return (JSON.parse(stdout) as { items: KubeEvent[] }).items;
  }

  const emit = (name: string, ...args: string[]) => kev("emit", "BackupFailed", `cm/${name}`, "-n", namespace, ...args);

  test("40 at the same moment are one event of count 40", async () => {
    const results = await Promise.all(Array.from({ length: 40 }, () => emit("crowd", "--key", "nightly")));

    const [event, ...others] = await eventsOn("crowd");
    expect(others).toEqual([]);
    expect(event?.count).toBe(40);
    const name = `event/${event?.metadata.name}`;
    // Each is told another count: 1 for the one that created it, 2 to 40 for the others.
    expect(results.map(({ code, stdout, stderr }) => `${code} ${stdout}${stderr}`).sort()).toEqual(
      [`0 ${name} created\n`, ...numbers(2, 40).map((count) => `0 ${name} counted up (x${count})\n`)].sort(),
    );
  });

  test("repeats take over the newest message and time, and keep the first", async () => {
    await emit("apart", "--key", "a", "-m", "Disk full", "--at", "2026-01-01T10:00:00Z");
    await emit("apart", "--key", "a", "-m", "Disk still full", "--at", "2026-01-01T11:00:00Z", "--label", "try=2");
    // Not the same: another key, another reason, another type, another component.
    await emit("apart", "--key", "b");
    await emit("apart", "--key", "a", "--reason", "BackupMissing");
    await emit("apart", "--key", "a", "--type", "Warning");
    await emit("apart", "--key", "a", "--component", "cron");

    const events = await eventsOn("apart");
    expect(events.map(({ count }) => count).sort()).toEqual([1, 1, 1, 1, 2]);
    const { message, firstTimestamp, lastTimestamp, metadata } =
      events.find(({ count }) => count === 2) ?? events[0] ?? {};
    expect({ message, firstTimestamp, lastTimestamp, labels: metadata?.labels }).toEqual({
      message: "Disk still full",
      firstTimestamp: "2026-01-01T10:00:00Z",
      lastTimestamp: "2026-01-01T11:00:00Z",
      labels: { try: "2" },
    });
  });

  test("--once: the second one changes nothing", async () => {
    const first = await emit("once", "--key", "k", "--once");
    const before = await eventsOn("once");
    const second = await emit("once", "--key", "k", "--once");

    const name = before[0]?.metadata.name;
    expect(first).toEqual({ code: 0, stdout: `event/${name} created\n`, stderr: "" });
    expect(second).toEqual({ code: 0, stdout: `event/${name} unchanged\n`, stderr: "" });
    expect(await eventsOn("once")).toEqual(before);
  });

  test("an event that is gone is created anew, under its old name", async () => {
    const first = await emit("gone", "--key", "k");
    await emit("gone", "--key", "k");
    await cluster.kubectl("delete", "events", "-n", namespace, "--field-selector=involvedObject.name=gone");

    const again = await emit("gone", "--key", "k");

    expect(again).toEqual(first);
    expect((await eventsOn("gone")).map(({ count }) => count)).toEqual([1]);
  });

  test("an object that was made anew has an event of its own", async () => {
    const first = await emit("gone", "--key", "successor", "-o", "name");
    await cluster.kubectl("delete", "configmap", "gone", "-n", namespace);
    await cluster.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}", namespace);

    const second = await emit("gone", "--key", "successor", "-o", "name");

    expect(masked(second)).toEqual({ code: 0, stdout: "event/gone.ID\n", stderr: "" });
    expect(second.stdout).not.toBe(first.stdout);
  });

  test("who may not patch is told so, and the event is not counted", async () => {
    await cluster.kubectl("create", "role", "w", "--verb=get,create", "--resource=events,configmaps", "-n", namespace);
    await cluster.kubectl("create", "rolebinding", "w", "--role=w", "--user=max", "-n", namespace);
    await emit("once", "--key", "max", "--as", "max");

    const result = await emit("once", "--key", "max", "--as", "max");

    const name = result.stderr.match(/events "([^"]*)"/)?.[1] ?? "";
    expect(masked(result, { [namespace]: "NAMESPACE" })).toEqual({
      code: 4,
      stdout: "",
      stderr:
        'Error from server (Forbidden): events "once.ID" is forbidden: User "max" cannot patch resource "events" in API group "" in the namespace "NAMESPACE"\n' +
        "hint: max lacks the right to patch events in namespace NAMESPACE; who may can grant it:\n" +
        "  kubectl create role kev-patch-events --verb=patch --resource=events -n NAMESPACE\n" +
        "  kubectl create rolebinding kev-patch-events --role=kev-patch-events --user=max -n NAMESPACE\n" +
        "check it with: kubectl auth can-i patch events -n NAMESPACE\n",
    });
    const { stdout } = await cluster.kubectl("get", "event", name, "-n", namespace, "-o", "jsonpath={.count}");
    expect(stdout).toBe("1");
  });
});

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
