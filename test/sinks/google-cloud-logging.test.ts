import { generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { googleCloudLogging } from "../../src/sinks/google-cloud-logging.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { type Answer, type HttpReceiver, type ReceivedRequest, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";
import { type Receipt, sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
let folder = "";
let keyFile = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-google-"));
  keyFile = join(folder, "key.json");
  const key = {
    type: "service_account",
    private_key_id: "key-1",
    private_key: privateKey,
    client_email: "kev@my-project.iam.gserviceaccount.com",
  };
  await writeFile(keyFile, JSON.stringify({ ...key, token_uri: "https://oauth2.googleapis.com/token" }));
});
afterAll(() => rm(folder, { recursive: true }));

/** The metadata server, or the token endpoint: gives token-1, token-2 and so on. */
function startTokens(answer?: () => Answer): Promise<HttpReceiver> {
  let given = 0;
  return startHttpReceiver({
    options: () => ({}),
    receiptsOf: () => [],
    ok:
      answer ??
      (() => ({ body: JSON.stringify({ access_token: `token-${++given}`, expires_in: 3_599, token_type: "Bearer" }) })),
  });
}

/** Cloud Logging, beside a metadata server. */
async function startLogging(options: Record<string, unknown> = {}, ok?: (request: ReceivedRequest) => Answer) {
  const tokens = await startTokens();
  const logging = await startHttpReceiver({
    options: (url) => ({
      url,
      metadataUrl: tokens.url,
      project: "my-project",
      location: "europe-west1",
      cluster: "prod-eu",
      ...options,
    }),
    secrets: ["token-1", "token-2"],
    ok: ok ?? (() => ({ body: "{}" })),
    half: (request, taken) =>
      partial(entriesOf(request).flatMap((_, index) => (index < taken ? [] : [[index, 13, "internal"] as const]))),
    receiptsOf: (request) => {
      expect([request.method, request.url]).toEqual(["POST", "/v2/entries:write"]);
      expect(request.headers).toMatchObject({
        "content-type": "application/json",
        authorization: expect.stringMatching(/^Bearer token-\d$/),
      });
      expect(request.headers).not.toHaveProperty("content-encoding");
      return entriesOf(request).map((entry): Receipt => {
        expect(Buffer.byteLength(JSON.stringify(entry))).toBeLessThanOrEqual(256_000);
        expect(entry.insertId).toMatch(/^[A-Za-z0-9.-]+$/);
        const { message = "" } = entry.jsonPayload;
        const id = entry.labels["kev.dev/id"] ?? "";
        return message.endsWith("…") ? { id } : { id, message };
      });
    },
  });
  const close = async (): Promise<void> => {
    await logging.close();
    await tokens.close();
  };
  return { ...logging, tokens, close };
}

/** The answer of a request of which these entries were not written. */
function partial(failed: readonly (readonly [index: number, code: number, message: string])[]): Answer {
  const logEntryErrors = Object.fromEntries(failed.map(([index, code, message]) => [index, { code, message }]));
  const details = [{ "@type": "type.googleapis.com/google.logging.v2.WriteLogEntriesPartialErrors", logEntryErrors }];
  return {
    status: 400,
    body: JSON.stringify({ error: { code: 400, message: "Some entries failed", status: "INVALID_ARGUMENT", details } }),
  };
}

interface WrittenEntry {
  insertId: string;
  labels: Record<string, string>;
  jsonPayload: { message?: string };
  resource: unknown;
}

function entriesOf({ body }: ReceivedRequest): WrittenEntry[] {
  return JSON.parse(body).entries;
}

const create = (options: unknown, services = sinkServices()) => {
  return googleCloudLogging.create(googleCloudLogging.options.parse(options), services);
};

async function sendTo(receiver: Awaited<ReturnType<typeof startLogging>>, batch: readonly Delivery[]) {
  const sink = await create(receiver.options);
  try {
    return await sink.send(batch, never);
  } finally {
    await sink.close();
    await receiver.close();
  }
}

sinkContract({ type: googleCloudLogging, start: () => startLogging() });

describe("the sink google-cloud-logging", () => {
  test("writes an entry for each change, with the token of the metadata server", async () => {
    const receiver = await startLogging();
    await sendTo(receiver, [sampleDelivery({ replayed: true })]);
    expect(
      receiver.tokens.requests.map(({ method, url, headers }) => [method, url, headers["metadata-flavor"]]),
    ).toEqual([
      [
        "GET",
        "/computeMetadata/v1/instance/service-accounts/default/token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Flogging.write",
        "Google",
      ],
    ]);
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toEqual({
      logName: "projects/my-project/logs/kev-events",
      partialSuccess: true,
      entries: [
        {
          insertId: "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10.4711",
          timestamp: "2026-11-23T09:29:30.000Z",
          severity: "WARNING",
          resource: {
            type: "k8s_pod",
            labels: {
              project_id: "my-project",
              location: "europe-west1",
              cluster_name: "prod-eu",
              namespace_name: "prod",
              pod_name: "ui-server-7d4b9c-x2x7k",
            },
          },
          labels: {
            "kev.dev/id": "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711",
            "kev.dev/verb": "UPDATED",
            "kev.dev/delta": "1",
            "kev.dev/count": "3",
            "kev.dev/replayed": "true",
            "kev.dev/cluster": "prod-eu",
          },
          jsonPayload: storedEvent(),
        },
      ],
    });
  });

  test("puts events among the logs of a pod or node only where they cannot be somebody else's words", async () => {
    const receiver = await startLogging({ log: "audit/events" });
    const about = (kind: string, namespace: string, more = {}): Delivery => {
      return bareDelivery(kind + namespace, { metadata: { namespace }, involvedObject: { kind, name: "x", ...more } });
    };
    await sendTo(receiver, [
      about("Pod", "prod", { namespace: "kube-system" }),
      about("Node", "default"),
      about("Node", "prod"),
      about("Deployment", "prod", { namespace: "prod" }),
    ]);
    const labels = { project_id: "my-project", location: "europe-west1", cluster_name: "prod-eu" };
    const cluster = { type: "k8s_cluster", labels };
    const [request] = receiver.requests as [ReceivedRequest];
    expect(JSON.parse(request.body).logName).toBe("projects/my-project/logs/audit%2Fevents");
    expect(entriesOf(request).map(({ resource }) => resource)).toEqual([
      cluster,
      { type: "k8s_node", labels: { ...labels, node_name: "x" } },
      cluster,
      cluster,
    ]);
  });

  test("exchanges a key for a token, and keeps it until shortly before its end", async () => {
    const receiver = await startLogging();
    const clock = fakeClock("2026-11-23T09:30:00Z");
    const options = { ...receiver.options, metadataUrl: undefined, keyFile, tokenUrl: `${receiver.tokens.url}/token` };
    const sink = await create(options, sinkServices({ clock }));
    await sink.send([sampleDelivery()], never);
    await clock.sleep(3_370_000);
    await sink.send([sampleDelivery()], never);
    await clock.sleep(5_000);
    await sink.send([sampleDelivery()], never);
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer token-1",
      "Bearer token-1",
      "Bearer token-2",
    ]);
    const [request] = receiver.tokens.requests as [ReceivedRequest];
    expect([request.method, request.url, request.headers["content-type"]]).toEqual([
      "POST",
      "/token",
      "application/x-www-form-urlencoded",
    ]);
    const form = new URLSearchParams(request.body);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const [header = "", claims = "", signature = ""] = form.get("assertion")?.split(".") ?? [];
    const decoded = [header, claims].map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
    expect(decoded).toEqual([
      { alg: "RS256", typ: "JWT", kid: "key-1" },
      {
        iss: "kev@my-project.iam.gserviceaccount.com",
        scope: "https://www.googleapis.com/auth/logging.write",
        aud: "https://oauth2.googleapis.com/token",
        iat: 1_795_426_200,
        exp: 1_795_429_800,
      },
    ]);
    expect(
      verify("RSA-SHA256", Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, "base64url")),
    ).toBe(true);
    await sink.close();
    await receiver.close();
  });

  test("asks for another token once when the one it has is not accepted", async () => {
    const receiver = await startLogging({}, ({ headers }) => {
      return headers.authorization === "Bearer token-1" ? { status: 401, body: "expired token-1" } : { body: "{}" };
    });
    expect(await sendTo(receiver, [sampleDelivery()])).toEqual({ refused: [] });
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  test("tries again, whatever the token endpoint says", async () => {
    const receiver = await startLogging();
    const tokens = await startTokens(() => ({ status: 400, body: '{"error":"invalid_grant"}' }));
    const sink = await create({ ...receiver.options, metadataUrl: tokens.url });
    await expect(sink.send([sampleDelivery()], never)).rejects.toMatchObject({
      name: "SendError",
      message: `no access token: ${tokens.url} answered HTTP 400: {"error":"invalid_grant"}`,
      retriable: true,
    });
    expect(receiver.requests).toEqual([]);
    await sink.close();
    await tokens.close();
    await receiver.close();
  });

  test("refuses what Cloud Logging finds invalid, and sends the rest again alone", async () => {
    const answers = [
      partial([
        [0, 3, "timestamp too far ahead"],
        [2, 8, "quota"],
      ]),
      { body: "{}" },
    ];
    const receiver = await startLogging({}, () => answers.shift() ?? {});
    const batch = ["a", "b", "c"].map((name) => bareDelivery(name));
    const sink = await create(receiver.options);
    await expect(sink.send(batch, never)).rejects.toMatchObject({ name: "SendError", retriable: true });
    expect(await sink.send(batch, never)).toEqual({
      refused: [{ delivery: batch[0], reason: "Cloud Logging did not write it: timestamp too far ahead" }],
    });
    expect(receiver.requests.map((request) => entriesOf(request).map(({ insertId }) => insertId))).toEqual([
      ["a.1", "b.1", "c.1"],
      ["c.1"],
    ]);
    await sink.close();
    await receiver.close();
  });

  test("refuses what is older than the log is kept", async () => {
    const receiver = await startLogging({ retention: "48h" });
    const old = { ...bareDelivery("old"), time: "2026-11-21T09:29:59.999Z" };
    expect(await sendTo(receiver, [old, bareDelivery("new")])).toEqual({
      refused: [{ delivery: old, reason: "older than the retention of the log: Cloud Logging would not keep it" }],
    });
    expect((await receiver.received()).map(({ id }) => id)).toEqual(["new/1"]);
  });

  test.each([
    ["{", "is not JSON", undefined],
    [
      '{"type":"authorized_user"}',
      "is no key of a service account",
      'its type is "authorized_user"; kev takes "service_account", or without keyFile what the metadata server gives',
    ],
    ['{"type":"service_account","client_email":"a","private_key":"b"}', "its private_key cannot be used", undefined],
  ])("says what is wrong with a key file: %s", async (text, problem, hint) => {
    const file = join(folder, "broken.json");
    await writeFile(file, text);
    const options = { project: "p", location: "l", cluster: "c", keyFile: file };
    await expect(create(options)).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining(problem),
      hint,
    });
  });
});
