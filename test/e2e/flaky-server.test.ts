import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, emit } from "../../src/index.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { type FlakyProxy, fatesBySeed, startFlakyProxy } from "../support/flaky-proxy.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(180_000);

const cluster = sharedControlPlane();

// More than a quarter of all requests goes wrong, most of them after the server has acted.
const shares = {
  "too-many": 0.04,
  "too-many-later": 0.01,
  unavailable: 0.03,
  "cut-before": 0.04,
  "cut-after": 0.08,
  "cut-within": 0.04,
  "unavailable-after": 0.04,
};

const seed = randomInt(2 ** 31);
// Long enough for a run of bad luck: it must be the proxy that decides the test and not the time.
const patience = "--retry-timeout=2m";

let proxy: FlakyProxy;

beforeAll(async () => {
  proxy = await startFlakyProxy(cluster, { fate: fatesBySeed(seed, shares) });
});
afterAll(() => proxy.close());

/** A namespace whose service account may write events, and a kubeconfig with its token that leads to the proxy. */
async function writersNamespace(): Promise<{ namespace: string; kubeconfig: string }> {
  const namespace = await uniqueNamespace("flaky");
  await cluster.kubectl(
    ...["create", "rolebinding", "editors", "--clusterrole=edit", `--serviceaccount=${namespace}:default`],
    ...["-n", namespace],
  );
  const token = await cluster.tokenFor("default", namespace);
  return { namespace, kubeconfig: await cluster.kubeconfigWith({ token }, namespace) };
}

async function storedEvents(namespace: string, reason: string): Promise<KubeEvent[]> {
  const { stdout } = await cluster.kubectl(
    ...["get", "events", "-n", namespace, `--field-selector=reason=${reason}`, "--show-managed-fields", "-o", "json"],
  );
  return (JSON.parse(stdout) as { items: KubeEvent[] }).items.sort(byName);
}

const byName = (a: KubeEvent, b: KubeEvent): number => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1);

/** The objects that `-o json` printed, one after the other. */
function printedEvents(stdout: string): KubeEvent[] {
  const texts = stdout.split(/(?<=^\}\n)/m).filter((text) => text !== "");
  return texts.map((text) => JSON.parse(text) as KubeEvent).sort(byName);
}

const mapNames = Array.from({ length: 180 }, (_, index) => `m${index}`);
const manifestOf = (names: readonly string[]): string =>
  names.map((name) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`).join("\n---\n");

describe.each(nodeVersions)(`behind a server that fails at random (seed ${seed}), on $name`, (node) => {
  let kev: Kev;
  let namespace: string;

  beforeAll(async () => {
    const writers = await writersNamespace();
    namespace = writers.namespace;
    kev = await installedKev(node, writers.kubeconfig);
    await cluster.apply(manifestOf(mapNames), namespace);
  });

  test("200 emits: none lost, none doubled, each reported as it is stored", async () => {
    const flags = ["--server", proxy.url, patience, "-o", "json", "--show-managed-fields"];
    // Each prints in the order of its objects, so one waits for its slowest: several at once waste less time.
    const many = inTurns(6, 6, (part) => {
      const stdin = manifestOf(mapNames.slice(part * 30, (part + 1) * 30));
      return kev.with({ stdin }, "emit", "Stormy", "-f", "-", ...flags);
    });
    const single = inTurns(4, 20, (index) => kev("emit", "Stormy", `cm/m${index}`, "-m", `${index}`, ...flags));
    const results = [...(await many), ...(await single)];

    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: "" })));
    const printed = results.flatMap(({ stdout }) => printedEvents(stdout)).sort(byName);
    expect(printed).toEqual(await storedEvents(namespace, "Stormy"));
    const objects = printed.map(({ involvedObject, message }) => `${involvedObject.name}: ${message ?? ""}`);
    const expected = [
      ...mapNames.map((name) => `${name}: `),
      ...mapNames.slice(0, 20).map((name, i) => `${name}: ${i}`),
    ];
    expect(objects.sort()).toEqual(expected.sort());
  });
});

test(`40 occurrences of one key through the same server (seed ${seed}) are one event of count 40`, async () => {
  const { namespace, kubeconfig } = await writersNamespace();
  await cluster.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: job}}", namespace);
  const connection = await connect({ kubeconfig, server: proxy.url });

  const events = await inTurns(8, 40, () =>
    emit(connection, { what: "BackupFailed", object: "cm/job", key: "nightly", retryTimeout: 120_000 }),
  );
  connection.close();

  const stored = await storedEvents(namespace, "BackupFailed");
  expect(stored.map(({ count }) => count)).toEqual([40]);
  // Whoever lost an answer reads the event later, when others have counted; but nobody is told more than there was.
  expect(Math.max(...events.map(({ count }) => count ?? 0))).toBe(40);
});

test("the server did fail in all these ways", () => {
  expect(Object.keys(proxy.fates).sort()).toEqual([...Object.keys(shares), "pass"].sort());
});

/** Calls `run` with 0, 1, … `total` - 1, `atOnce` calls at a time. */
async function inTurns<T>(atOnce: number, total: number, run: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < total) {
      const index = next++;
      results[index] = await run(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
  return results;
}
