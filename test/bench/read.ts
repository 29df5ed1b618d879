import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { median, type Program } from "./compare.ts";
import { type Installed, installed } from "./installed.ts";
import { peakMemory, peakMemoryUntil } from "./peak-memory.ts";
import type { Report } from "./report.ts";
import { makeNamespace, writeEvent, writeEvents } from "./write-events.ts";

/** Lists and watches of many events. */
export async function benchRead(controlPlane: ControlPlane, report: Report): Promise<void> {
  const programs = await installed(controlPlane);
  const connection = await connect({ kubeconfig: controlPlane.adminKubeconfig, env: {} });
  try {
    await lists(programs, connection, report);
    await latency(programs, connection, report);
    await memory(programs, connection, report);
  } finally {
    connection.close();
  }
}

async function lists({ kev, kubectl, node20, node24 }: Installed, connection: StreamingConnection, report: Report) {
  report.progress("10,000 events…");
  await makeNamespace(connection, "many");
  await writeEvents(connection, "many", 10_000);
  for (const node of [node24, node20]) {
    report.progress(`kev events on ${node.name}…`);
    const subject = kev(node, "events", "-n", "many");
    const what = `kev events of 10,000, ${node.name} / kubectl events`;
    const pairs = Math.min(report.pairs, 5);
    await report.compare({ what, subject, reference: kubectl("events", "-n", "many"), target: "≤ 0.5", pairs });
    const peak = await peakMemory(subject);
    report.add({ what: `peak memory of it, ${node.name}`, median: `${peak.toFixed(0)} MiB`, target: "≤ 200 MiB" });
  }
}

/** Written → printed by kev, and → read by a bare watch, of the same events. */
async function latency({ kev, node24 }: Installed, connection: StreamingConnection, report: Report) {
  report.progress("kev events -w…");
  await makeNamespace(connection, "live");
  const seenBy = { kev: new Map<string, number>(), bare: new Map<string, number>() };
  const note = (seen: Map<string, number>, event: KubeEvent): void => {
    seen.set(event.metadata.name ?? "", performance.now());
  };
  const { command, args, env } = kev(node24, "events", "-w", "-n", "live", "-o", "jsonl");
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  createInterface(child.stdout).on("line", (line) => note(seenBy.kev, JSON.parse(line)));
  const bare = await connection.send({
    method: "GET",
    path: "/api/v1/namespaces/live/events?watch=1&timeoutSeconds=120",
    headers: { Accept: "application/json" },
    timeout: 0,
  });
  createInterface(bare.body).on("line", (line) => note(seenBy.bare, JSON.parse(line).object));
  try {
    await writeEvent(connection, "live", "first");
    while (!seenBy.kev.has("first")) await sleep(10);
    const written = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      written.set(`e${i}`, performance.now());
      await writeEvent(connection, "live", `e${i}`);
      await sleep(10);
    }
    while (!seenBy.kev.has("e199") || !seenBy.bare.has("e199")) await sleep(10);
    const [ours, theirs] = [seenBy.kev, seenBy.bare].map((seen) =>
      median([...written].map(([name, at]) => (seen.get(name) ?? Number.NaN) - at)),
    );
    report.add({
      what: "written → printed by kev events -w / read by a bare watch, 200 events",
      median: ((ours ?? 0) / (theirs ?? 1)).toFixed(2),
      wall: `${ours?.toFixed(1)} / ${theirs?.toFixed(1)} ms`,
      target: "printed",
    });
  } finally {
    bare.body.destroy();
    child.kill("SIGINT");
    await once(child, "exit");
  }
}

async function memory({ kev, node24 }: Installed, connection: StreamingConnection, report: Report) {
  const peakAfter = async (number: number): Promise<number> => {
    report.progress(`${number} events through kev events -w…`);
    const namespace = `through-${number}`;
    await makeNamespace(connection, namespace);
    const program: Program = kev(node24, "events", "-w", "-n", namespace, "-o", "jsonl");
    return await peakMemoryUntil(program, number, () => writeEvents(connection, namespace, number));
  };
  const [few, many] = [await peakAfter(10_000), await peakAfter(100_000)];
  report.add({
    what: "peak memory of kev events -w, 100,000 / 10,000 events",
    median: (many / few).toFixed(2),
    wall: `${many.toFixed(0)} / ${few.toFixed(0)} MiB`,
    target: "≤ 1.3",
  });
}
