import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../src/events/event.ts";
import type { StreamingConnection } from "../../src/kube/connect.ts";
import { emit } from "../../src/record/emit.ts";
import { median } from "./compare.ts";
import type { Report } from "./report.ts";

/** Milliseconds. The Deployment controller gives up 164 s after the first denial. */
const longAfter = 180_000;

/** Approvals of Deployments that have waited since `createdAt`, one after the other, until their ReplicaSets are there. */
export async function lateApprovals(
  connection: StreamingConnection,
  { namespace, deployments, createdAt }: { namespace: string; deployments: readonly string[]; createdAt: number },
  report: Report,
): Promise<void> {
  const wait = createdAt + longAfter - Date.now();
  report.progress(`late approvals, ${wait > 0 ? `in ${Math.ceil(wait / 1_000)} s` : "now"}…`);
  await sleep(Math.max(wait, 0));
  const seen = new Map<string, number>();
  const watch = await connection.send({
    method: "GET",
    path: `/apis/apps/v1/namespaces/${namespace}/replicasets?watch=1&timeoutSeconds=120`,
    headers: { Accept: "application/json" },
    timeout: 0,
  });
  createInterface(watch.body).on("line", (line) => {
    const { object } = JSON.parse(line) as { object: KubeObject };
    const owner = object.metadata.ownerReferences?.[0]?.name ?? "";
    if (!seen.has(owner)) seen.set(owner, performance.now());
  });
  try {
    // The first call loads what emit() is made of.
    await emit(connection, { what: "approve", object: deployments[0] ?? "", namespace, dryRun: "server" });
    const times: number[] = [];
    for (const name of deployments) {
      if (seen.has(name)) throw new Error(`${name} has a ReplicaSet without an approval`);
      const start = performance.now();
      await emit(connection, { what: "approve", object: name, namespace });
      while (!seen.has(name)) await sleep(1);
      times.push((seen.get(name) ?? Number.NaN) - start);
      await sleep(1_000);
    }
    report.add({
      what: `emit() of an approval ≥ ${longAfter / 1_000} s after the Deployment → its ReplicaSet, ${times.length} times`,
      median: `${median(times).toFixed(0)} ms`,
      range: `${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)} ms`,
      target: "printed",
    });
  } finally {
    watch.body.destroy();
  }
}
