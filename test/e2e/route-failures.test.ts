import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { startTcpProxy } from "../servers/tcp-proxy.ts";
import { type Answer, type CheckingReceiver, startCheckingReceiver } from "../support/checking-receiver.ts";
import { type ControlPlane, startControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { createDeliveryLedger } from "../support/delivery-ledger.ts";
import { createEvent, eventsOf, podEvent, setCount, startEventStorm } from "../support/event-storm.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { type RunningCommand, startCommand } from "../support/run-command.ts";
import { startStreamingProxy } from "../support/streaming-proxy.ts";
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

/** Answers in the given shares (of 1; the rest is taken), drawn by a seed. */
function drawn(shares: readonly (readonly [Answer, number])[]): (request: number) => Answer {
  return (request) => {
    let left = createHash("sha256").update(`failures/${request}`).digest().readUInt32BE() / 2 ** 32;
    for (const [answer, share] of shares) {
      left -= share;
      if (left < 0) return answer;
    }
    return "take";
  };
}

const idOf = ({ metadata }: KubeEvent): string => `${metadata.uid}/${metadata.resourceVersion}`;

describe.each(nodeVersions)("kev route, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  let receiver: CheckingReceiver | undefined;
  let running: RunningCommand[] = [];
  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
  });
  beforeEach(async () => {
    namespace = await uniqueNamespace("failures", cluster);
  });
  afterEach(async () => {
    for (const one of running) one.kill("SIGKILL");
    await Promise.all(running.map(({ ended }) => ended));
    running = [];
    await receiver?.close();
    receiver = undefined;
  });

  /** Starts a router whose sink `hook` is the receiver. */
  async function route(name: string, sinks: string, ...flags: string[]): Promise<RunningCommand> {
    const file = join(kev.folder, `${name}.yaml`);
    const names = [...sinks.matchAll(/^ {2}(\w+):/gm)].map(([, sink]) => sink);
    await writeFile(file, `routes: [{sinks: [${names.join(", ")}]}]\nsinks:\n${sinks}`);
    const state = join(kev.folder, `${name}.db`);
    return track(kev.start({}, "route", "-f", file, "-n", namespace, "--listen", "none", "--state", state, ...flags));
  }
  function track(command: RunningCommand): RunningCommand {
    running.push(command);
    return command;
  }
  async function taken(by: CheckingReceiver): Promise<void> {
    await until(async () =>
      (await eventsOf(connection, namespace)).every((event) => by.ledger.deliveries.has(idOf(event))),
    );
  }

  test("a receiver that fails in every way gets everything, in order, and holds up only itself", async () => {
    let isCalm = false;
    const fate = drawn([
      [500, 0.15],
      [503, 0.1],
      [429, 0.05],
      ["cut", 0.1],
      ["take-and-cut", 0.1],
      ["hang", 0.05],
    ]);
    const hook = await startCheckingReceiver((_batch, request) => (isCalm ? "take" : fate(request)));
    receiver = hook;
    const link = await startTcpProxy(() => Number(new URL(hook.url).port));
    const log = join(kev.folder, "beside.jsonl");
    await rm(log, { force: true });
    const router = await route(
      "flaky",
      `  hook: {type: webhook, url: "http://127.0.0.1:${link.port}", per: batch, batch: {events: 20}, timeout: 1s, retry: {first: 20ms, longest: 200ms}}
  beside: {type: file, path: "${log}"}\n`,
    );
    const storm = startEventStorm(connection, namespace, 4);
    await until(() => ["cut", "take-and-cut", "hang", 429, 500, 503].every((met) => hook.answers.has(met as Answer)));
    // Connections that stand and carry nothing, as behind a firewall that forgot them.
    link.isFrozen = true;
    const timeouts = (): number => router.output.stderr.split("no answer within 1s").length;
    const before = timeouts();
    await until(() => timeouts() > before + 2);
    link.isFrozen = false;
    await storm.stop();
    const beside = createDeliveryLedger();
    await until(async () => {
      beside.addLines(await readFile(log, "utf8"));
      return (await eventsOf(connection, namespace)).every((event) => beside.deliveries.has(idOf(event)));
    });
    isCalm = true;
    await taken(hook);
    router.kill("SIGTERM");
    expect((await router.ended).code).toBe(143);
    expect(hook.ledger.differences(await eventsOf(connection, namespace))).toEqual([]);
    const newest = new Map<string, bigint>();
    for (const id of new Set(hook.taken)) {
      const [uid = "", version = "0"] = id.split("/");
      expect(BigInt(version)).toBeGreaterThan(newest.get(uid) ?? 0n);
      newest.set(uid, BigInt(version));
    }
    await link.close();
  });

  test("one event that is refused is a dead letter, and takes none along", async () => {
    const isBad = ({ event }: Delivery): boolean => event.metadata.name === "bad";
    receiver = await startCheckingReceiver((batch) => (batch.some(isBad) ? 400 : "take"));
    for (const name of ["a", "bad", "b", "c"]) await createEvent(connection, podEvent(namespace, name));
    const router = await route(
      "refused",
      `  hook: {type: webhook, url: "${receiver.url}", per: batch, batch: {events: 20}}\n`,
    );
    const letters = join(kev.folder, "refused.hook.dead.jsonl");
    await until(() => receiver?.ledger.deliveries.size === 3);
    await until(() => router.output.stderr.includes("dead letters"));
    router.kill("SIGTERM");
    await router.ended;
    const lines = (await readFile(letters, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ sink, reason, event }) => [sink, reason, event.metadata.name])).toEqual([
      ["hook", expect.stringContaining("400"), "bad"],
    ]);
    expect(router.output.stderr).toContain(' error "deliveries went to the dead letters" sink=hook deliveries=1 ');
  });

  test("a disk that is full holds everything up, loses nothing, and goes on when there is room", async () => {
    let isThere = false;
    const hook = await startCheckingReceiver(() => (isThere ? "take" : 503));
    receiver = hook;
    const disk = join(kev.folder, "disk");
    const file = join(kev.folder, "disk.yaml");
    await writeFile(
      file,
      `routes: [{sinks: [hook]}]
sinks: {hook: {type: webhook, url: "${hook.url}", per: batch, batch: {events: 20}, retry: {first: 20ms, longest: 200ms}}}\n`,
    );
    // A file system of its own, which ends with the process. The shell says its number, by which we see into it.
    const script = `mkdir -p "$1" && mount -t tmpfs -o size=4m none "$1" && head -c 3000000 /dev/zero > "$1/filler" &&
      echo "pid $$" >&2 && shift && exec kev "$@"`;
    const router = track(
      startCommand(
        "unshare",
        [
          "-rm",
          "sh",
          "-c",
          script,
          "sh",
          disk,
          "route",
          "-f",
          file,
          "-n",
          namespace,
          "--listen",
          "none",
          "--state",
          join(disk, "state.db"),
        ],
        {
          cwd: kev.folder,
          env: kev.env,
        },
      ),
    );
    await until(() => router.output.stderr.includes('"routing"'));
    const pid = /pid (\d+)/.exec(router.output.stderr)?.[1];
    const message = "x".repeat(20_000);
    for (let index = 0; index < 100; index++) {
      await createEvent(connection, podEvent(namespace, `large-${index}`, { message }));
    }
    await until(() => router.output.stderr.includes("the state cannot be read or written, so nothing goes on"));
    expect(router.output.stderr).toContain("the disk is full");
    await rm(`/proc/${pid}/root${disk}/filler`);
    isThere = true;
    await taken(hook);
    router.kill("SIGTERM");
    await router.ended;
    expect(hook.ledger.differences(await eventsOf(connection, namespace))).toEqual([]);
  });

  test("a history that is forgotten, and then a list that fails", async () => {
    let refused = 0;
    let isRefusing = false;
    await cluster.must("create", "serviceaccount", "router", "-n", namespace);
    await cluster.must(
      ...["create", "clusterrolebinding", `router-${namespace}`, "--clusterrole=view"],
      `--serviceaccount=${namespace}:router`,
    );
    const token = await cluster.tokenFor("router", namespace);
    const proxy = await startStreamingProxy(cluster, token, (url) => {
      const isList = url.pathname.endsWith("/events") && !url.searchParams.has("watch");
      if (!isRefusing || !isList) return undefined;
      refused++;
      return 500;
    });
    try {
      const counted = await createEvent(connection, podEvent(namespace, "counted"));
      const state = join(kev.folder, "list.db");
      const args = ["-n", namespace, "--listen", "none", "--state", state, "--server", proxy.url] as const;
      const first = track(kev.start({}, "route", ...args));
      await until(() => first.output.stdout.includes("counted"));
      first.kill("SIGTERM");
      await first.ended;
      await setCount(connection, counted, 5);
      await createEvent(connection, podEvent(namespace, "new"));
      await cluster.compactEtcd();
      isRefusing = true;
      const again = track(kev.start({}, "route", ...args));
      await until(() => refused >= 3);
      expect(again.output.stdout).toBe("");
      isRefusing = false;
      await until(() => again.output.stdout.split("\n").length === 3);
      // And once more while it runs: its watch ends when what it would go on from is forgotten.
      isRefusing = true;
      const before = refused;
      await cluster.compactEtcd();
      proxy.cutAll();
      await until(() => refused > before);
      await createEvent(connection, podEvent(namespace, "newest"));
      isRefusing = false;
      await until(() => again.output.stdout.includes("newest"));
      again.kill("SIGTERM");
      const ledger = createDeliveryLedger();
      ledger.addLines((await first.ended).stdout);
      ledger.addLines((await again.ended).stdout);
      expect(ledger.differences(await eventsOf(connection, namespace))).toEqual([]);
      expect(ledger.repeated).toBe(0);
    } finally {
      await proxy.close();
    }
  });

  test.each([
    { what: "that shares its state", state: "leaders.db" },
    { what: "that remembers nothing", state: "none" },
  ])("a leader $what is killed, and another goes on", async ({ state }) => {
    const place = state === "none" ? state : join(kev.folder, state);
    const lead = (): RunningCommand =>
      track(
        kev.start(
          {},
          ...["route", "-n", namespace, "--listen", "none", "--state", place, "--leader-elect"],
          ...["--leader-elect-resource-namespace", namespace, "--leader-elect-lease-duration", "3s"],
          ...["--leader-elect-renew-deadline", "2s", "--leader-elect-retry-period", "500ms"],
        ),
      );
    const storm = startEventStorm(connection, namespace, 10);
    const ledger = createDeliveryLedger();
    const isLeading = ({ output }: RunningCommand): boolean => output.stderr.includes('"this replica leads"');
    let leader = lead();
    await until(() => isLeading(leader) && leader.output.stdout !== "");
    for (let kill = 0; kill < 3; kill++) {
      const other = lead();
      await until(() => other.output.stderr.includes('"another replica leads"'));
      leader.kill(kill === 2 ? "SIGTERM" : "SIGKILL");
      ledger.addLines((await leader.ended).stdout);
      await until(() => isLeading(other));
      leader = other;
    }
    await storm.stop();
    const events = await eventsOf(connection, namespace);
    await until(() =>
      events.every(
        (event) => ledger.deliveries.has(idOf(event)) || leader.output.stdout.includes(`{"id":"${idOf(event)}"`),
      ),
    );
    leader.kill("SIGTERM");
    ledger.addLines((await leader.ended).stdout);
    const missing = events.filter((event) => !ledger.deliveries.has(idOf(event)));
    expect(missing).toEqual([]);
    // Without a state a new leader counts anew: only ids tell.
    if (state !== "none") expect(ledger.differences(events)).toEqual([]);
  });
});
