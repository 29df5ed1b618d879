import { randomUUID } from "node:crypto";
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../src/events/event.ts";

/** One of a Deployment's new ReplicaSet, as the API server would ask; each call gives it another uid. */
export type Review = () => string;

/** Where reviews are sent, over kept connections. */
export interface ReviewClient {
  /** Milliseconds until the whole answer was there. Throws unless the answer is the expected one. */
  send(review: Review, isAllowed: boolean): Promise<number>;
  /** Resident, in MiB, as the answering process says in its metrics. */
  memory(): Promise<number>;
  close(): void;
}

export function reviewOf(deployment: KubeObject): Review {
  const { name = "", namespace, uid = "" } = deployment.metadata;
  const { template, replicas, selector } = deployment.spec as Record<string, unknown>;
  const pod = template as KubeObject;
  const hash = "59f6b8d947";
  const labels = { ...pod.metadata.labels, "pod-template-hash": hash };
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid, controller: true, blockOwnerDeletion: true };
  const kind = { group: "apps", version: "v1", kind: "ReplicaSet" };
  const resource = { group: "apps", version: "v1", resource: "replicasets" };
  const review = {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "UID",
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: `${name}-${hash}`,
      namespace,
      operation: "CREATE",
      userInfo: { username: "system:serviceaccount:kube-system:deployment-controller" },
      object: {
        kind: "ReplicaSet",
        apiVersion: "apps/v1",
        metadata: { name: `${name}-${hash}`, namespace, uid: randomUUID(), labels, ownerReferences: [owner] },
        spec: { replicas, selector, template: { ...pod, metadata: { ...pod.metadata, labels } } },
        status: { replicas: 0 },
      },
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  };
  const [before, after] = JSON.stringify(review).split("UID");
  return () => `${before}${randomUUID()}${after}`;
}

export function createReviewClient(url: string, ca: string, connections: number): ReviewClient {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: connections });
  const ask = (path: string, body?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers =
        body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
      const options = { method: body === undefined ? "GET" : "POST", agent, headers };
      const call = request(new URL(path, url), options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve(text)).on("error", reject);
      });
      call.on("error", reject).end(body);
    });
  return {
    send: async (review, isAllowed) => {
      const start = performance.now();
      // Time enough for the slow one, too.
      const text = await ask("/?timeout=30s", review());
      const time = performance.now() - start;
      const { allowed, status } = (JSON.parse(text) as { response: { allowed: boolean; status?: { code: number } } })
        .response;
      if (allowed !== isAllowed || (!allowed && status?.code !== 403))
        throw new Error(`Not the expected answer: ${text}`);
      return time;
    },
    memory: async () => {
      const [, bytes] = /^process_resident_memory_bytes (.+)$/m.exec(await ask("/metrics")) ?? [];
      return Number(bytes) / 2 ** 20;
    },
    close: () => agent.destroy(),
  };
}

/**
 * `number` sendings, begun at a steady rate whatever the answers do; the milliseconds of each, from when it was due: what
 * waits for the sender counts as well.
 */
export async function atRate(perSecond: number, number: number, send: () => Promise<unknown>): Promise<number[]> {
  const start = performance.now();
  const times = Array.from({ length: number }, async (_, index) => {
    const due = start + (index * 1_000) / perSecond;
    await sleep(Math.max(due - performance.now(), 0));
    await send();
    return performance.now() - due;
  });
  return await Promise.all(times);
}

/** `number` sendings, `connections` of them always under way; how many a second. */
export async function asFastAsCan(
  connections: number,
  number: number,
  send: (index: number) => Promise<number>,
): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < number) await send(next++);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return (number * 1_000) / (performance.now() - start);
}

/** The nearest rank: of a hundred, the 99th. */
export function percentile(numbers: readonly number[], rank: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.ceil((numbers.length * rank) / 100) - 1] ?? Number.NaN;
}
