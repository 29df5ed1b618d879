import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { fatesBySeed, startFlakyProxy } from "../support/flaky-proxy.ts";
import { ownCluster } from "../support/own-cluster.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { startCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(240_000);

const cluster = ownCluster();

const batch = (number: number, object = "cm/job"): string =>
  Array.from({ length: number }, (_, i) => `${JSON.stringify({ object, reason: "Tested", message: `${i}` })}\n`).join(
    "",
  );

async function makeNamespace(name: string): Promise<void> {
  await cluster.makeNamespace(name);
  await makeJob(name);
}

async function makeJob(namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await cluster.connection.request({ method: "POST", path, body: { metadata: { name: "job" } } });
}

const numbersOf = (events: readonly KubeEvent[]): number[] =>
  events.map(({ message }) => Number(message)).sort((a, b) => a - b);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.each(nodeVersions)("kev emit --batch on $name", (node) => {
  const namespaceOf = (test: string): string => `${test}-${node.name.replaceAll(/\D/g, "")}`;
  let kev: Kev;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.controlPlane.adminKubeconfig);
  });

  test("2,000 events while the API server is killed and started again: each once, and each told of", async () => {
    const namespace = namespaceOf("killed");
    await makeNamespace(namespace);
    await writeFile(join(kev.folder, "events.jsonl"), batch(2_000));
    const running = kev.start({}, "emit", "--batch", "events.jsonl", "-n", namespace);
    const lines = (): string[] => running.output.stdout.split("\n").slice(0, -1);
    await until(() => lines().length > 500);
    await cluster.controlPlane.killApiServer();
    await cluster.controlPlane.startApiServer();
    const { code } = await running.ended;
    const { stderr } = running.output;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^2000 stored, [1-9]\d* retried, 0 refused\n$/),
    });
    const events = await cluster.events(namespace);
    expect(numbersOf(events)).toEqual(range(2_000));
    expect(lines().toSorted()).toEqual(events.map(({ metadata }) => `event/${metadata.name} created`).toSorted());
  });

  test("a proxy that answers 429 and 503 and cuts connections: nothing lost, nothing doubled", async () => {
    const namespace = namespaceOf("flaky");
    await makeNamespace(namespace);
    const shares = { "too-many": 0.05, unavailable: 0.05, "cut-before": 0.04, "cut-after": 0.08, "cut-within": 0.04 };
    const proxy = await startFlakyProxy(cluster.controlPlane, { fate: fatesBySeed(7, shares) });
    try {
      await cluster.controlPlane.must("create", "serviceaccount", "writer", "-n", namespace);
      const binding = [
        "writers",
        "--clusterrole=cluster-admin",
        `--serviceaccount=${namespace}:writer`,
        "-n",
        namespace,
      ];
      await cluster.controlPlane.must("create", "rolebinding", ...binding);
      const token = await cluster.controlPlane.tokenFor("writer", namespace);
      const writer = await installedKev(node, await cluster.controlPlane.kubeconfigWith({ token }, namespace));
      const flags = ["--server", proxy.url];
      const { code, stdout, stderr } = await writer.with({ stdin: batch(500) }, "emit", "--batch", "-", ...flags);
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(/^500 stored, [1-9]\d* retried, 0 refused\n$/),
      });
      const events = await cluster.events(namespace);
      expect(numbersOf(events)).toEqual(range(500));
      const names = stdout.split("\n").slice(0, -1);
      expect(names.toSorted()).toEqual(events.map(({ metadata }) => `event/${metadata.name} created`).toSorted());
    } finally {
      await proxy.close();
    }
  });

  test("bad lines are told by number, and the rest is stored", async () => {
    const namespace = namespaceOf("bad");
    await makeNamespace(namespace);
    const lines = [
      '{"object":"cm/job","reason":"Tested","message":"0"}',
      "no JSON",
      "",
      '{"object":"cm/missing","reason":"Tested"}',
      '{"reason":"Tested"}',
      `{"object":"cm/job","reason":"Tested","message":"${"x".repeat(1_025)}"}`,
      "x".repeat(600_000),
      '{"object":"cm/job","reason":"Tested","message":"1"}',
    ];
    const { code, stdout, stderr } = await kev.with(
      { stdin: lines.join("\n") },
      "emit",
      "--batch",
      "-",
      "-n",
      namespace,
    );
    expect(code).toBe(1);
    expect(stdout.match(/^event\/job\.\w+ created$/gm)).toHaveLength(2);
    expect(stderr).toBe(
      `line 2: error: it is no JSON
hint: like {"object":"deploy/ui-server","reason":"SmokeTested"}
line 4: Error from server (NotFound): configmaps "missing" not found
hint: looked in namespace ${namespace}; -n names another
line 5: error: it has no object
line 6: error: message is 1025 bytes long, the limit is 1024
hint: shorten it, or let "truncate" cut it
line 7: error: it is longer than 524288 bytes
2 stored, 0 retried, 5 refused
`,
    );
    expect(numbersOf(await cluster.events(namespace))).toEqual([0, 1]);
  });

  test("Ctrl-C tells what was stored, and nothing else is", async () => {
    const namespace = namespaceOf("interrupted");
    await makeNamespace(namespace);
    await writeFile(join(kev.folder, "many.jsonl"), batch(20_000));
    const running = kev.start({}, "emit", "--batch", "many.jsonl", "-n", namespace);
    const lines = (): string[] => running.output.stdout.split("\n").slice(0, -1);
    await until(() => lines().length > 300);
    running.kill("SIGINT");
    const { code } = await running.ended;
    expect(code).toBe(130);
    expect(running.output.stderr).toMatch(
      /^error: interrupted; (nothing after line \d+ was|lines? [\d, ]+ and everything after line \d+ were not) sent$/m,
    );
    const told = new Set(lines().map((line) => line.split(" ")[0]));
    // One that was on its way is named by its hint.
    const inDoubt = [...running.output.stderr.matchAll(/kubectl get event (\S+)/g)].map(([, name]) => `event/${name}`);
    const names = (await cluster.events(namespace)).map(({ metadata }) => `event/${metadata.name}`);
    expect(names.filter((name) => !told.has(name) && !inDoubt.includes(name))).toEqual([]);
    expect([...told].filter((name) => !names.includes(name ?? ""))).toEqual([]);
  });

  test("Ctrl-C ends the waiting for a pipe that somebody still holds open", async () => {
    const namespace = namespaceOf("pipe");
    await makeNamespace(namespace);
    await kev.shell("mkfifo pipe");
    const { folder: cwd, env } = kev;
    const line = batch(1).trim();
    const writer = startCommand("sh", ["-c", `exec 3>pipe; echo '${line}' >&3; exec sleep 60`], { cwd, env });
    const running = kev.start({}, "emit", "--batch", "pipe", "-n", namespace);
    await until(() => running.output.stdout.endsWith(" created\n"));
    running.kill("SIGINT");
    const { code, stderr } = await running.ended;
    writer.kill("SIGKILL");
    await writer.ended;
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: "1 stored, 0 retried, 0 refused\nerror: interrupted; nothing after line 1 was sent\n",
    });
    expect(numbersOf(await cluster.events(namespace))).toEqual([0]);
  });
});
