import { beforeAll, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { systemClock } from "../../src/util/clock.ts";
import { ownCluster } from "../support/own-cluster.ts";
import { installedKev, nodeVersions } from "../support/packed-cli.ts";
import { persist } from "../support/persist.ts";
import { until } from "../support/until.ts";

jest.setTimeout(240_000);

const cluster = ownCluster();
let path: string;

beforeAll(async () => {
  // In `default` the API server may write events of its own when it starts.
  path = await cluster.makeNamespace("outage");
});

/** Writes an event, whatever happens to the server meanwhile; one that an earlier try has written is written. */
async function write(name: string): Promise<void> {
  const body = {
    metadata: { name },
    involvedObject: { apiVersion: "v1", kind: "Pod", name: "pod", namespace: "outage" },
    reason: "Tested",
    type: "Normal",
  };
  await persist(() => cluster.connection.request({ method: "POST", path, body }), 409);
}

/** Writes 200 events in each second until stopped; returns how many. */
function writeSteadily(): { stop: () => Promise<number> } {
  let isOver = false;
  const begun = Date.now();
  let taken = 0;
  const writer = async (): Promise<void> => {
    while (!isOver) {
      const ahead = begun + taken * 5 - Date.now();
      if (ahead > 0) await systemClock.sleep(ahead);
      else await write(`during-${taken++}`);
    }
  };
  const writers = Array.from({ length: 16 }, writer);
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(writers);
      return taken;
    },
  };
}

test("kev events -w, on both Nodes: three ends of the API server and a forgotten history, and every event is printed once", async () => {
  await Promise.all(Array.from({ length: 700 }, (_, i) => write(`before-${i}`)));
  const following = await Promise.all(
    nodeVersions.map(async (node) => {
      const kev = await installedKev(node, cluster.controlPlane.adminKubeconfig);
      return kev.start({}, "events", "-w", "-o", "jsonl", "-n", "outage");
    }),
  );
  const lines = (text: string): string[] => text.split("\n").slice(0, -1);
  await until(() => following.every(({ output }) => lines(output.stdout).length === 700));

  const writing = writeSteadily();
  await systemClock.sleep(1_000);
  await cluster.controlPlane.restartApiServer();
  await systemClock.sleep(1_000);
  await cluster.controlPlane.killApiServer();
  // The watches are now behind what etcd remembers.
  await cluster.controlPlane.compactEtcd();
  await cluster.controlPlane.startApiServer();
  await systemClock.sleep(1_000);
  await cluster.controlPlane.restartApiServer();
  const number = await writing.stop();
  await write("last");

  const stateOf = ({ metadata }: KubeEvent): string => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`;
  const states = (await cluster.events("outage")).map(stateOf).sort();
  expect(states).toHaveLength(700 + number + 1);
  expect(number).toBeGreaterThan(500);
  for (const running of following) {
    await until(() => running.output.stdout.includes('"name":"last"'));
    running.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect(
      lines(stdout)
        .map((line) => stateOf(JSON.parse(line)))
        .sort(),
    ).toEqual(states);
    expect(code).toBe(130);
    expect(stderr).toMatch(/^(note: .*; trying again\n)+$/);
  }
});
