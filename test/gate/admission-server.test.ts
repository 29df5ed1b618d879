import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type AdmissionServer,
  type AdmissionServerOptions,
  startAdmissionServer,
} from "../../src/gate/admission-server.ts";
import type { Judgement } from "../../src/gate/judge.ts";
import { createReviewer } from "../../src/gate/reviewer.ts";
import { denial, type Received, reviewText as review, type Sent, send as sendTo } from "../support/admission-client.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { until } from "../support/until.ts";

let folder: string;
let authority: Certificate;
let server: AdmissionServer;
let options: AdmissionServerOptions;
let judged: (signal?: AbortSignal) => Promise<Judgement>;
const reloads: unknown[] = [];

async function writeCertificate(): Promise<{ certFile: string; keyFile: string }> {
  const { certificate, key } = await issueServerCertificate(authority, ["localhost"]);
  const [certFile, keyFile] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  await writeFile(certFile, certificate);
  await writeFile(keyFile, key);
  return { certFile, keyFile };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-gate-"));
  authority = await createCertificateAuthority();
  options = {
    review: createReviewer({ judge: (_, signal) => judged(signal) }),
    port: 0,
    host: "127.0.0.1",
    ...(await writeCertificate()),
    pages: async (path) => (path === "/healthz" ? { status: 200, contentType: "text/plain", text: "ok" } : undefined),
    reloadEvery: 20,
    onReload: (error) => void reloads.push(error),
  };
  server = await startAdmissionServer(options);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const send = (sent: Sent): Promise<Received> => sendTo({ port: server.port, ca: authority.certificate }, sent);

const ask = async (body: string) => JSON.parse((await send({ body: [body] })).text);

describe("a release", () => {
  test("that waits is denied in the talk's words, in the version of the question", async () => {
    judged = async () => ({ admitted: false, reason: "NotApproved" });
    for (const apiVersion of ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"]) {
      expect(await ask(review({}, apiVersion))).toEqual(denial(apiVersion));
    }
  });

  test("that is approved passes, and the audit log hears by whom", async () => {
    const event = {
      metadata: { name: "ui.1", namespace: "prod", annotations: { "kev.dev/approver": "jane" } },
      involvedObject: {},
    };
    judged = async () => ({ admitted: true, reason: "Approved", event, approver: "jane" });
    const { response } = await ask(review());
    expect(response).toMatchObject({
      allowed: true,
      auditAnnotations: { decision: "Approved", approver: "jane", event: "prod/ui.1" },
    });
  });

  test("of which nothing can be found out does not pass", async () => {
    judged = async () => {
      throw new Error("connection refused");
    };
    const { response } = await ask(review());
    expect(response.allowed).toBe(false);
    expect(response.status).toMatchObject({
      code: 503,
      message: "The approval of your deployment could not be checked",
    });
  });

  test("whose judgement takes too long does not pass", async () => {
    judged = () => new Promise(() => undefined);
    const { text } = await send({ path: "/?timeout=700ms", body: [review()] });
    expect(JSON.parse(text).response).toMatchObject({ uid: "r-1", allowed: false, status: { code: 504 } });
  });
});

test("what a review has begun ends with its answer", async () => {
  let begun: AbortSignal | undefined;
  judged = async (signal) => {
    begun = signal;
    return { admitted: false, reason: "NotApproved" };
  };
  await ask(review());
  await until(() => begun?.aborted);
  expect(begun?.reason).toEqual(new Error("the review has been answered"));
});

describe("what needs no approval passes unjudged", () => {
  test.each([
    ["another operation", { operation: "UPDATE" }],
    ["a subresource", { subResource: "scale" }],
    ["another resource", { resource: { group: "", version: "v1", resource: "pods" } }],
    ["a ReplicaSet of nobody's", { object: { metadata: { name: "rs" }, spec: {} } }],
    ["nothing of a deletion", { operation: "DELETE", object: null }],
  ])("%s", async (_, more) => {
    judged = () => Promise.reject(new Error("was judged"));
    expect((await ask(review(more))).response).toMatchObject({ uid: "r-1", allowed: true });
  });
});

describe("every failure is a review", () => {
  const huge = Buffer.alloc(8 * 2 ** 20, " ");

  test.each<[string, Sent, number, string]>([
    ["no JSON", { body: ["{"] }, 400, ""],
    ["nothing", {}, 400, ""],
    ["another kind", { body: ['{"kind":"Pod"}'] }, 400, ""],
    ["another version", { body: [review({}, "admission.k8s.io/v2")] }, 400, "r-1"],
    ["no uid", { body: [review({ uid: "" })] }, 400, ""],
    ["no object", { body: [review({ object: null })] }, 400, "r-1"],
    ["no namespace", { body: [review({ namespace: "" })] }, 400, "r-1"],
    ["no resource", { body: [review({ resource: 7 })] }, 400, "r-1"],
    [
      "an owner whose name is a number",
      { body: [review({ object: { metadata: { ownerReferences: [{ kind: "Deployment", name: 7 }] } } })] },
      400,
      "r-1",
    ],
    ["a form", { contentType: "text/plain", body: [review()] }, 415, ""],
    ["a GET", { method: "GET" }, 405, ""],
    ["too much", { body: [huge] }, 413, ""],
    ["more and more", { body: Array(9).fill(Buffer.alloc(2 ** 20, " ")), end: false }, 413, ""],
    ["a body without end", { path: "/?timeout=700ms", body: ["{"], end: false }, 408, ""],
  ])("%s", async (_, sent, code, uid) => {
    const { status, text } = await send(sent);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid, allowed: false, status: { code } },
    });
  });
});

test("other paths are pages, or nothing", async () => {
  expect(await send({ path: "/healthz", method: "GET" })).toMatchObject({ status: 200, text: "ok" });
  expect(await send({ path: "/other", method: "GET" })).toMatchObject({ status: 404 });
  expect(await send({ path: "//", method: "GET" })).toMatchObject({ status: 404 });
  expect(await send({ path: "/healthz", method: "HEAD" })).toMatchObject({ status: 200, text: "" });
});

test("bodies that are much together are not all read, and leave no trace when they are gone", async () => {
  const part = Buffer.alloc(3 * 2 ** 20, " ");
  const sent = { path: "/?timeout=3s", body: [part], end: false };
  const codes = async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => send(sent)));
    return all.map(({ text }) => JSON.parse(text).response.status.code as number).sort();
  };
  expect(await codes()).toEqual([...Array(5).fill(408), ...Array(3).fill(429)]);
  expect(await codes()).toEqual([...Array(5).fill(408), ...Array(3).fill(429)]);
}, 30_000);

test("a port that is taken is said in one line", async () => {
  await expect(startAdmissionServer({ ...options, port: server.port })).rejects.toMatchObject({
    kind: "failed",
    message: expect.stringMatching(/^cannot listen: listen EADDRINUSE/),
  });
});

test("a new certificate is used when it is there, and a broken one is not", async () => {
  const { peer } = await send({ path: "/healthz", method: "GET" });
  reloads.length = 0;
  await writeFile(join(folder, "tls.crt"), "half of it");
  await until(() => reloads.some((error) => error instanceof Error));
  expect((await send({ path: "/healthz", method: "GET" })).peer).toBe(peer);
  await writeCertificate();
  await until(() => reloads.includes(undefined));
  expect((await send({ path: "/healthz", method: "GET" })).peer).not.toBe(peer);
});
