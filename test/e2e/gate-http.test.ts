import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import {
  type AdmissionTarget,
  denial,
  reviewText,
  type Sent,
  send,
  startSending,
} from "../support/admission-client.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { gateCertificate, type RunningGate, startGate } from "../support/running-gate.ts";
import { until } from "../support/until.ts";

jest.setTimeout(60_000);

// Nobody but the test asks these gates, so that the shared control plane will do.
const cluster = sharedControlPlane();
let namespace: string;
let ca: string;
let flags: string[];
/** Those that have not been ended. */
const gates = new Set<RunningGate>();

beforeAll(async () => {
  namespace = await uniqueNamespace("gate-http");
  ca = await readFile(cluster.caFile, "utf8");
  // It marks no Deployment of other tests.
  const rules = ["--trust", "any", "--namespace-label", `gate-http=${namespace}`];
  flags = [...(await gateCertificate(cluster)), ...rules, "--port", "0"];
});

afterAll(async () => {
  for (const gate of gates) gate.process.kill("SIGKILL");
  await Promise.all([...gates].map((gate) => gate.process.ended));
});

async function serve(kev: Kev, ...more: string[]): Promise<{ gate: RunningGate; target: AdmissionTarget }> {
  const gate = await startGate(kev, [...flags, ...more]);
  gates.add(gate);
  return { gate, target: { port: Number(new URL(gate.url).port), ca } };
}

const review = (changes: object = {}, version?: string): string => reviewText({ namespace, ...changes }, version);

describe.each(nodeVersions)("kev gate serve on $name", (node) => {
  let kev: Kev;
  let gate: RunningGate;
  let target: AdmissionTarget;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    ({ gate, target } = await serve(kev));
  });

  /** The answer, after the next request has been answered as well. */
  async function answerTo(sent: Sent): Promise<unknown> {
    const { status, headers, text } = await send(target, sent);
    expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "application/json" });
    expect(JSON.parse((await send(target, { body: [review()] })).text)).toEqual(denial());
    return JSON.parse(text);
  }

  test("answers in the version of the question", async () => {
    const version = "admission.k8s.io/v1beta1";
    expect(await answerTo({ body: [review({}, version)] })).toEqual(denial(version));
  });

  const decision = "BadRequest";
  const bad = (code: number, message: string, auditAnnotations?: object): object => ({
    status: { status: "Failure", code, reason: "BadRequest", message },
    ...(auditAnnotations && { auditAnnotations }),
  });
  test.each<[string, Sent, object]>([
    ["broken JSON", { body: ['{"kind": "Admis'] }, bad(400, "the body is no JSON", { decision })],
    ["an empty body", {}, bad(400, "the body is no JSON", { decision })],
    ["a foreign kind", { body: ['{"kind":"Pod"}'] }, bad(400, "the body is no AdmissionReview", { decision })],
    [
      "a wrong content type",
      { contentType: "application/yaml", body: [review()] },
      bad(415, "the content type is not application/json"),
    ],
    ["a GET", { method: "GET" }, bad(405, "reviews are POSTed")],
    ["a huge body", { body: [Buffer.alloc(4 * 2 ** 20 + 1, " ")] }, bad(413, "the body is larger than 4 MiB")],
    [
      "a body that grows and grows",
      { body: Array(9).fill(Buffer.alloc(2 ** 20, " ")), end: false },
      bad(413, "the body is larger than 4 MiB"),
    ],
    [
      "a body that stops half-way",
      { path: "/?timeout=700ms", body: [review().slice(0, 100)], end: false },
      bad(408, "the body did not come in time"),
    ],
  ])("answers %s, and the next request", async (_what, sent, why) => {
    expect(await answerTo(sent)).toEqual({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: "", allowed: false, ...why },
    });
  });

  test("answers a body that drips for ever, and others meanwhile", async () => {
    const dripping = startSending(target, { path: "/?timeout=2s", end: false });
    const drops = setInterval(() => dripping.write(" "), 20);
    try {
      expect(JSON.parse((await send(target, { body: [review()] })).text)).toEqual(denial());
      expect(JSON.parse((await dripping.received).text)).toMatchObject({ response: { status: { code: 408 } } });
    } finally {
      clearInterval(drops);
    }
  });

  const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "ui", uid: "u-1", controller: true };
  const owned = (...ownerReferences: object[]): object => ({ metadata: { name: "rs", ownerReferences }, spec: {} });
  test.each<[string, object]>([
    ["a Pod", { resource: { group: "", version: "v1", resource: "pods" } }],
    ["a ReplicaSet of another group", { resource: { group: "example.com", version: "v1", resource: "replicasets" } }],
    ["an UPDATE", { operation: "UPDATE" }],
    ["a DELETE", { operation: "DELETE", object: null }],
    ["a ReplicaSet without an owner", { object: owned() }],
    ["one of a Deployment that is not its controller", { object: owned({ ...owner, controller: false }) }],
    ["one of another kind", { object: owned({ ...owner, kind: "Rollout" }) }],
    ["one of another group's Deployment", { object: owned({ ...owner, apiVersion: "example.com/v1" }) }],
  ])("lets through %s", async (_what, changes) => {
    expect(await answerTo({ body: [review(changes)] })).toEqual({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: "r-1", allowed: true, auditAnnotations: { decision: "NotGated" } },
    });
  });

  test("ends at once on SIGINT", async () => {
    gate.process.kill("SIGINT");
    const { code, stderr } = await gate.process.ended;
    gates.delete(gate);
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/ info "ended"\n$/) });
  });

  test("on SIGTERM answers what is under way and what still comes, and then ends", async () => {
    const { gate: ending, target: server } = await serve(kev, "--shutdown-delay", "4s");
    const path = "/?timeout=30s";
    const [half, rest] = [review().slice(0, 100), review().slice(100)];
    const first = startSending(server, { path, body: [half], end: false });
    const last = startSending(server, { path, body: [half], end: false });
    const readyz = async (): Promise<string> => (await send(server, { method: "GET", path: "/readyz" })).text;
    await until(async () => (await readyz()).includes("readyz check passed"));

    ending.process.kill("SIGTERM");
    await until(async () => (await readyz()).includes("[-]shutdown failed: the process is ending"));
    const { text, headers } = await send(server, { body: [review()] });
    expect({ answer: JSON.parse(text), connection: headers.connection }).toEqual({
      answer: denial(),
      connection: "close",
    });
    first.write(rest);
    first.end();
    expect(JSON.parse((await first.received).text)).toEqual(denial());

    await until(() =>
      readyz().then(
        () => false,
        (error) => error.code === "ECONNREFUSED",
      ),
    );
    last.write(rest);
    last.end();
    expect(JSON.parse((await last.received).text)).toEqual(denial());
    const { code, stderr } = await ending.process.ended;
    gates.delete(ending);
    expect({ code, stderr }).toEqual({ code: 143, stderr: expect.stringMatching(/ info "ended"\n$/) });
  });
});
