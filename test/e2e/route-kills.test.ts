import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ControlPlane, startControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { createDeliveryLedger } from "../support/delivery-ledger.ts";
import { createEvent, eventsOf, podEvent, setCount, startEventStorm } from "../support/event-storm.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import type { RunningCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(240_000);

let cluster: ControlPlane;
let connection: StreamingConnection;

beforeAll(async () => {
  cluster = await startControlPlane();
  connection = await connect({ kubeconfig: cluster.adminKubeconfig, env: {}, homeDir: "/nonexistent" });
});
afterAll(async () => {
  connection.close();
  await cluster.stop();
});

describe.each(nodeVersions)("kev route, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
  });

  function route(state: string, ...flags: string[]): RunningCommand {
    return kev.start({}, "route", "-n", namespace, "--listen", "none", "--state", join(kev.folder, state), ...flags);
  }
  const lines = ({ output }: RunningCommand): number => output.stdout.split("\n").length - 1;

  test("killed at random moments while events are written: none missing, none doubled by id", async () => {
    namespace = await uniqueNamespace("kills", cluster);
    const ledger = createDeliveryLedger();
    const storm = startEventStorm(connection, namespace, 5);
    for (let kill = 0; kill < 25; kill++) {
      const running = route("kills.db");
      if (kill % 5 === 0) await until(() => lines(running) > 0);
      // From the first moments of the start to the middle of the work.
      await sleep(100 + ((kill * 137) % 900));
      running.kill("SIGKILL");
      ledger.addLines((await running.ended).stdout);
    }
    await storm.stop();
    const events = await eventsOf(connection, namespace);
    const last = route("kills.db");
    const ids = events.map(({ metadata }) => `${metadata.uid}/${metadata.resourceVersion}`);
    await until(() => {
      const text = last.output.stdout;
      return ids.every((id) => ledger.deliveries.has(id) || text.includes(`{"id":"${id}"`));
    });
    last.kill("SIGTERM");
    const { code, stdout } = await last.ended;
    ledger.addLines(stdout);
    expect(code).toBe(143);
    expect(events.length).toBeGreaterThan(500);
    expect(ledger.differences(events)).toEqual([]);
  });

  test("killed in the middle of the first list", async () => {
    namespace = await uniqueNamespace("first", cluster);
    const names = Array.from({ length: 3_000 }, (_, index) => `e-${index}`);
    while (names.length > 0) {
      const some = names.splice(0, 50);
      await Promise.all(some.map((name) => createEvent(connection, podEvent(namespace, name))));
    }
    const ledger = createDeliveryLedger();
    let cut = 0;
    for (const wanted of [1, 600, 1_200]) {
      const running = route("first.db");
      await until(() => lines(running) >= wanted);
      running.kill("SIGKILL");
      const { stdout } = await running.ended;
      if (stdout.split("\n").length - 1 < 3_000) cut++;
      ledger.addLines(stdout);
    }
    const events = await eventsOf(connection, namespace);
    const last = route("first.db");
    await until(() => ledger.deliveries.size + lines(last) >= events.length);
    await until(() => last.output.stderr.includes('"all events were listed"'));
    last.kill("SIGTERM");
    ledger.addLines((await last.ended).stdout);
    expect(cut).toBeGreaterThan(0);
    expect(ledger.differences(events)).toEqual([]);
    expect(ledger.deliveries.size).toBe(3_000);
  });

  test("down over a compaction: what was counted up comes once, with all that it missed", async () => {
    namespace = await uniqueNamespace("gone", cluster);
    const ledger = createDeliveryLedger();
    const counted = await createEvent(connection, podEvent(namespace, "counted", { count: 3 }));
    await createEvent(connection, podEvent(namespace, "quiet"));
    const removed = await createEvent(connection, podEvent(namespace, "removed"));
    const first = route("gone.db");
    await until(() => lines(first) === 3);
    first.kill("SIGTERM");
    ledger.addLines((await first.ended).stdout);

    for (const count of [4, 7, 9]) await setCount(connection, counted, count);
    // One name, another event.
    await cluster.must("delete", "event", "removed", "-n", namespace);
    await createEvent(connection, podEvent(namespace, "removed", { count: 2 }));
    const second = Array.from({ length: 20 }, (_, index) =>
      createEvent(connection, podEvent(namespace, `same-${index}`)),
    );
    await Promise.all(second);
    await cluster.compactEtcd();

    const again = route("gone.db");
    await until(() => lines(again) === 22);
    await until(() => again.output.stderr.includes('"all events were listed" cause=expired'));
    // Also what comes then.
    await setCount(connection, counted, 10);
    await until(() => lines(again) === 23);
    again.kill("SIGTERM");
    const { stdout, stderr } = await again.ended;
    ledger.addLines(stdout);
    expect(ledger.differences(await eventsOf(connection, namespace))).toEqual([]);
    expect(ledger.sums().get(removed.metadata.uid ?? "")).toBe(1);
    expect(ledger.repeated).toBe(0);
    const ofCounted = [...ledger.deliveries.values()].filter(({ event }) => event.metadata.name === "counted");
    expect(ofCounted.map(({ verb, delta, count, replayed }) => ({ verb, delta, count, replayed }))).toEqual([
      { verb: "ADDED", delta: 3, count: 3, replayed: true },
      { verb: "UPDATED", delta: 6, count: 9, replayed: true },
      { verb: "UPDATED", delta: 1, count: 10, replayed: undefined },
    ]);
    expect(stderr).not.toContain("may have expired");
  });

  test("down while the history is kept: each count comes by itself", async () => {
    namespace = await uniqueNamespace("short", cluster);
    const counted = await createEvent(connection, podEvent(namespace, "counted", { count: 3 }));
    const first = route("short.db");
    await until(() => lines(first) === 1);
    first.kill("SIGKILL");
    await first.ended;
    for (const count of [4, 9]) await setCount(connection, counted, count);
    const again = route("short.db");
    await until(() => lines(again) >= 2);
    again.kill("SIGINT");
    const { code, stdout } = await again.ended;
    const deltas = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).delta as number);
    expect({ code, deltas: deltas.slice(-2) }).toEqual({ code: 130, deltas: [1, 5] });
  });
});

test("down for longer than events live: the gap is told", async () => {
  const brief = await startControlPlane({ eventTtl: "5s" });
  const writer = await connect({ kubeconfig: brief.adminKubeconfig, env: {}, homeDir: "/nonexistent" });
  try {
    for (const node of nodeVersions) {
      const kev = await installedKev(node, brief.adminKubeconfig);
      const namespace = await uniqueNamespace("gap", brief);
      const args = ["route", "-n", namespace, "--listen", "none", "--state", join(kev.folder, "gap.db")];
      await createEvent(writer, podEvent(namespace, "before"));
      const first = kev.start({}, ...args);
      await until(() => first.output.stdout.includes("before"));
      first.kill("SIGTERM");
      await first.ended;
      await createEvent(writer, podEvent(namespace, "unseen"));
      await until(async () => (await eventsOf(writer, namespace)).length === 0);
      await createEvent(writer, podEvent(namespace, "after"));
      await brief.compactEtcd();
      const again = kev.start({}, ...args);
      await until(() => again.output.stdout.includes("after"));
      await until(() => again.output.stderr.includes("may have expired"));
      again.kill("SIGTERM");
      const { stderr } = await again.ended;
      expect(stderr).toMatch(/ error "events may have expired before they were seen" from=\S+Z to=\S+Z\n/);
    }
  } finally {
    writer.close();
    await brief.stop();
  }
});
