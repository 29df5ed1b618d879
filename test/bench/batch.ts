import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane } from "../support/control-plane.ts";
import { installed } from "./installed.ts";
import { peakMemory } from "./peak-memory.ts";
import type { Report } from "./report.ts";

const number = 5_000;
const many = 50_000;
const sockets = 32;

/** Many events: `kev emit --batch` beside kubectl and beside a loop that does nothing but send. */
export async function benchBatch(controlPlane: ControlPlane, report: Report): Promise<void> {
  const { kev, kubectl, node24 } = await installed(controlPlane);
  const { dir } = controlPlane;
  const namespace = "batch";
  await controlPlane.must("create", "namespace", namespace);
  await controlPlane.must("create", "configmap", "job", "-n", namespace);
  const [few, all, manifests, script] = ["few.jsonl", "all.jsonl", "events.yaml", "bare-post.mjs"].map((name) =>
    join(dir, name),
  ) as [string, string, string, string];
  const line = (index: number): string =>
    `${JSON.stringify({ object: "cm/job", reason: "Tested", message: `Step ${index}` })}\n`;
  await writeFile(few, Array.from({ length: number }, (_, index) => line(index)).join(""));
  await writeFile(all, Array.from({ length: many }, (_, index) => line(index)).join(""));
  await writeFile(manifests, Array.from({ length: number }, (_, index) => manifest(namespace, index)).join("---\n"));
  await writeFile(script, bareLoop(controlPlane, namespace));

  const subject = kev(node24, "emit", "--batch", few, "-n", namespace, "-q");
  const pairs = Math.min(report.pairs, 3);
  report.progress(`a batch of ${number} beside kubectl create…`);
  await report.compare({
    ...{ subject, pairs, warmUps: 0, target: "≤ 0.33" },
    reference: kubectl("create", "-f", manifests),
    what: `kev emit --batch of ${number}, Node 24 / kubectl create -f`,
  });
  report.progress(`a batch of ${number} beside a bare loop…`);
  await report.compare({
    // They differ by less than one run of either from the next.
    ...{ subject, warmUps: 0, target: "≤ 1.25" },
    reference: { ...subject, args: [script] },
    what: `the same / a bare loop over ${sockets} sockets`,
  });
  report.progress(`the memory of ${many}…`);
  // One run of so many takes minutes, and its peak hardly differs from the next one's.
  const large = await peakMemory(kev(node24, "emit", "--batch", all, "-n", namespace, "-q"), 1);
  const small = await peakMemory(subject, 3);
  report.add({
    what: `peak memory of kev emit --batch, ${many} / ${number} lines`,
    median: (large / small).toFixed(2),
    wall: `${large.toFixed(0)} / ${small.toFixed(0)} MiB`,
    target: "≤ 1.3",
  });
}

function manifest(namespace: string, index: number): string {
  return `apiVersion: v1
kind: Event
metadata: {generateName: job., namespace: ${namespace}}
involvedObject: {apiVersion: v1, kind: ConfigMap, name: job, namespace: ${namespace}}
reason: Tested
message: Step ${index}
type: Normal
source: {component: kev}
firstTimestamp: "2026-11-23T09:00:00Z"
lastTimestamp: "2026-11-23T09:00:00Z"
count: 1
`;
}

// No look-up, no checks, no second try, no outcome: what the wire and the server take.
function bareLoop({ server, adminKubeconfig, caFile }: ControlPlane, namespace: string): string {
  return `import { Agent, request } from "node:https";
import { readFileSync } from "node:fs";
const config = readFileSync(${JSON.stringify(adminKubeconfig)}, "utf8");
const data = (name) => Buffer.from(new RegExp(name + ": *\\"?([A-Za-z0-9+/=]+)").exec(config)[1], "base64");
const agent = new Agent({ keepAlive: true, maxSockets: ${sockets}, ca: readFileSync(${JSON.stringify(caFile)}),
  cert: data("client-certificate-data"), key: data("client-key-data") });
const options = { agent, method: "POST", headers: { "Content-Type": "application/json" } };
let next = 0;
const post = (index) => new Promise((resolve, reject) => {
  const at = new Date().toISOString().slice(0, 19) + "Z";
  const body = JSON.stringify({ metadata: { generateName: "job." },
    involvedObject: { apiVersion: "v1", kind: "ConfigMap", name: "job", namespace: ${JSON.stringify(namespace)} },
    reason: "Tested", message: "Step " + index, type: "Normal", source: { component: "kev" },
    firstTimestamp: at, lastTimestamp: at, count: 1 });
  request(${JSON.stringify(`${server}/api/v1/namespaces/${namespace}/events`)}, options, (answer) => {
    answer.resume().on("end", () => (answer.statusCode === 201 ? resolve() : reject(new Error(answer.statusCode))));
  }).on("error", reject).end(body);
});
const worker = async () => { while (next < ${number}) await post(next++); };
await Promise.all(Array.from({ length: ${sockets} }, worker));
agent.destroy();
`;
}
