import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
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

  test("a namespace that may not be read is a failure, not silence", async () => {
    const nobody = await installedKev(node, await cluster.kubeconfigFor({ user: "nobody" }));
    expect(await nobody("events", "-w", "-n", namespace)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^Error from server \(Forbidden\): events is forbidden: User "nobody" cannot list/),
    });
  });
});
