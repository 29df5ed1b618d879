import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";

let stub: ApiStub;
let connection: StreamingConnection;
beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: `${stub.url}/prefix`, env: {}, homeDir: "/nonexistent", as: "me" });
});
afterEach(async () => {
  connection.close();
  await stub.close();
});

const body = { metadata: { name: "e" }, involvedObject: { kind: "Pod" } };

test("client-node's typed API sends over kev's transport", async () => {
  const api = await connection.coreV1();
  const stored = { metadata: { name: "e", uid: "1" }, involvedObject: {}, firstTimestamp: "2026-01-02T03:04:05Z" };
  stub.next(json(stored, 201));
  const answer = await api.createNamespacedEventWithHttpInfo({ namespace: "a b", body, fieldManager: "kev" });
  expect([answer.httpStatusCode, answer.data.metadata.uid]).toEqual([201, "1"]);
  expect(answer.data.firstTimestamp?.toISOString()).toBe("2026-01-02T03:04:05.000Z");
  expect(stub.requests).toMatchObject([
    {
      method: "POST",
      url: "/prefix/api/v1/namespaces/a%20b/events?fieldManager=kev",
      headers: { "content-type": ["application/json"], "impersonate-user": ["me"] },
      body: JSON.stringify({ involvedObject: { kind: "Pod" }, metadata: { name: "e" } }),
    },
  ]);
});

test("of an answer that is wanted as text only the body is there", async () => {
  const api = await connection.coreV1(undefined, "text");
  stub.next(json({ metadata: { name: "e", uid: "1" } }, 201));
  const { body: answer, data } = await api.createNamespacedEventWithHttpInfo({ namespace: "n", body });
  expect(await answer.text()).toBe('{"metadata":{"name":"e","uid":"1"}}');
  expect({ ...data }).toEqual({});
});

test("its failures are kev's", async () => {
  const api = await connection.coreV1();
  stub.next(json({ kind: "Status", reason: "Forbidden", message: "events is forbidden" }, 403));
  await expect(api.createNamespacedEventWithHttpInfo({ namespace: "n", body })).rejects.toMatchObject({
    name: "ApiError",
    kind: "refused",
    line: "Error from server (Forbidden): events is forbidden",
  });
  stub.next((response) => response.destroy());
  await expect(api.createNamespacedEventWithHttpInfo({ namespace: "n", body })).rejects.toMatchObject({
    name: "UnreachableError",
    reason: "cut",
  });
});

test.each(["", "null", "<html>", "{"])(
  "an answer in 2xx that is no object (%j) is a failure with a name",
  async (text) => {
    const api = await connection.coreV1();
    stub.next((response) => response.writeHead(201).end(text));
    await expect(api.createNamespacedEventWithHttpInfo({ namespace: "n", body })).rejects.toMatchObject({
      name: "BadAnswerError",
      httpStatus: 201,
    });
  },
);

test("the signal of one call ends what is under way by it", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  const api = await connection.coreV1(abort.signal);
  stub.next(() => abort.abort(reason));
  await expect(api.createNamespacedEventWithHttpInfo({ namespace: "n", body })).rejects.toBe(reason);
});
