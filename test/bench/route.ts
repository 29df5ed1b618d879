import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { listEvents } from "../../src/read/list-events.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { median } from "./compare.ts";
import { installed } from "./installed.ts";
import type { Report } from "./report.ts";
import { type Router, routers } from "./route-programs.ts";
import { cpuSeconds, end, peakMemory } from "./running-program.ts";
import { makeNamespace, writeEvents } from "./write-events.ts";

const number = 10_000;
const mostRuns = 3;
/** Milliseconds that a router is given for the rest after the last event was written. */
const patience = 30_000;

interface Outcome {
  missing: number;
  doubled: number;
  /** Lines whose object had a newer one before. */
  backwards: number;
  /** Seconds. */
  cpuPer1000: number;
  /** MiB. */
  peak: number;
}

/** Routers beside each other: 10,000 events written as fast as the API server takes them. */
export async function benchRoute(controlPlane: ControlPlane, report: Report): Promise<void> {
  const connection = await connect({ kubeconfig: controlPlane.adminKubeconfig, env: {} });
  try {
    const outcomes = new Map<string, Outcome[]>();
    const runs = Math.min(report.pairs, mostRuns);
    for (let run = 0; run < runs; run++) {
      for (const router of await routers(controlPlane, process.env)) {
        report.progress(`${number} events through ${router.name}, ${run + 1} of ${runs}…`);
        const namespace = `route-${run}-${router.name.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}`;
        const outcome = await measure(router, connection, namespace, run);
        outcomes.set(router.name, [...(outcomes.get(router.name) ?? []), outcome]);
        // The next one is to find an empty cluster.
        await connection.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}/events` });
      }
    }
    addRows(outcomes, report);
    await deadSink(controlPlane, connection, report);
  } finally {
    connection.close();
  }
}

function addRows(outcomes: ReadonlyMap<string, Outcome[]>, report: Report): void {
  const cpuOf = (name: string) => median((outcomes.get(name) ?? []).map(({ cpuPer1000 }) => cpuPer1000));
  const reference = outcomes.has("eventrouter") ? "eventrouter" : "a bare watch loop, Node 24";
  for (const [name, all] of outcomes) {
    const of = (pick: (outcome: Outcome) => number) => median(all.map(pick));
    const isKev = name.startsWith("kev");
    const cpus = all.map(({ cpuPer1000 }) => cpuPer1000);
    report.add({
      what: `${number} events through ${name}: CPU an event / ${reference}`,
      median: (of(({ cpuPer1000 }) => cpuPer1000) / cpuOf(reference)).toFixed(2),
      range: `${Math.min(...cpus).toFixed(3)}–${Math.max(...cpus).toFixed(3)} s per 1,000`,
      wall: `${of(({ missing }) => missing)} missing, ${of(({ doubled }) => doubled)} doubled, ${of(({ backwards }) => backwards)} out of order, ${of(({ peak }) => peak).toFixed(0)} MiB`,
      target: isKev ? "≤ 1, none, none, none" : "for comparison",
    });
  }
}

async function measure(
  router: Router,
  connection: StreamingConnection,
  namespace: string,
  run: number,
): Promise<Outcome> {
  await makeNamespace(connection, namespace);
  const { command, args, env } = router.program(namespace, run);
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  try {
    const seen = new Map<string, number>();
    const newest = new Map<string, number>();
    let backwards = 0;
    createInterface(child.stdout).on("line", (line) => {
      const id = router.idOf(line);
      if (id === undefined) return;
      seen.set(id, (seen.get(id) ?? 0) + 1);
      const [uid = "", version = "0"] = id.split("/");
      if ((newest.get(uid) ?? 0) > Number(version)) backwards++;
      newest.set(uid, Number(version));
    });
    await sleep(3_000);
    const before = await cpuSeconds(child);
    await writeEvents(connection, namespace, number);
    const wanted = (await listEvents(connection, { namespace })).map(
      ({ metadata }) => `${metadata.uid}/${metadata.resourceVersion}`,
    );
    const deadline = Date.now() + patience;
    while (!wanted.every((id) => seen.has(id)) && Date.now() < deadline) await sleep(200);
    const after = await cpuSeconds(child);
    return {
      missing: wanted.filter((id) => !seen.has(id)).length,
      doubled: wanted.filter((id) => (seen.get(id) ?? 0) > 1).length,
      backwards,
      cpuPer1000: ((after - before) / number) * 1_000,
      peak: await peakMemory(child),
    };
  } finally {
    await end(child);
  }
}

/** What waits for a sink that is not there is on the disk: ten times of it must not need much more memory. */
async function deadSink(controlPlane: ControlPlane, connection: StreamingConnection, report: Report): Promise<void> {
  const { kev, node24 } = await installed(controlPlane);
  // Nobody listens there any more.
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const config = join(controlPlane.dir, "dead-sink.yaml");
  await writeFile(
    config,
    `routes: [{sinks: [hook]}]\nsinks: {hook: {type: webhook, url: "http://127.0.0.1:${port}/"}}\n`,
  );
  const peaks: number[] = [];
  for (const queued of [5_000, 50_000]) {
    report.progress(`${queued} events behind a dead sink…`);
    const namespace = `dead-${queued}`;
    await makeNamespace(connection, namespace);
    const state = join(controlPlane.dir, `dead-${queued}.db`);
    const { command, args, env } = kev(
      ...([node24, "route", "-f", config, "-n", namespace, "--listen", "127.0.0.1:0", "--state", state] as const),
    );
    const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    try {
      let log = "";
      child.stderr.on("data", (text: Buffer) => {
        log += text;
      });
      while (!/metrics=\S+/.test(log)) await sleep(100);
      const address = /metrics=(\S+)/.exec(log)?.[1] ?? "";
      await writeEvents(connection, namespace, queued);
      const depth = async (): Promise<number> => {
        const page = await (await fetch(`http://${address}/metrics`)).text();
        return Number(/^kev_sink_queue_events\{[^}]*\} (\d+)/m.exec(page)?.[1]);
      };
      while ((await depth()) < queued) await sleep(200);
      peaks.push(await peakMemory(child));
    } finally {
      await end(child);
    }
  }
  const [few = 0, many = 0] = peaks;
  report.add({
    what: "peak memory of kev route, 50,000 / 5,000 events queued behind a dead sink",
    median: (many / few).toFixed(2),
    wall: `${many.toFixed(0)} / ${few.toFixed(0)} MiB`,
    target: "≤ 1.5",
  });
}
