import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { emit } from "../../src/record/emit.ts";
import { InterruptedError } from "../../src/util/interrupted-error.ts";
import { type ApiStub, startApiStub } from "../support/api-stub.ts";

let stub: ApiStub;
let connection: StreamingConnection;
beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent" });
});
afterEach(async () => {
  connection.close();
  await stub.close();
});

// The first request loads client-node, which takes seconds on a busy machine.
jest.setTimeout(20_000);

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "ui-server", namespace: "prod", uid: "1" },
};

test("the signal of a call ends its POST under way, and the doubt is said", async () => {
  const abort = new AbortController();
  // The server has the event and never answers.
  stub.next(() => abort.abort(new InterruptedError("SIGINT")));
  const emitted = emit(connection, { what: "Deployed", object: deployment, signal: abort.signal });
  await expect(emitted).rejects.toMatchObject({
    kind: "interrupted",
    message: "interrupted while an event was on its way",
    hint: expect.stringMatching(/^it may have been stored all the same: kubectl get event ui-server\.\w+ -n prod$/),
  });
  expect(stub.requests.map(({ method }) => method)).toEqual(["POST"]);
});

test("so it is for an abort of the caller's own making", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  stub.next(() => abort.abort(reason));
  const emitted = emit(connection, { what: "Deployed", object: deployment, signal: abort.signal });
  await expect(emitted).rejects.toMatchObject({
    message: "enough",
    cause: reason,
    hint: expect.stringMatching(/^it may have been stored all the same: kubectl get event ui-server\.\w+ -n prod$/),
  });
});
