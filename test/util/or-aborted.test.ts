import { expect, test } from "@jest/globals";
import { orAborted } from "../../src/util/or-aborted.ts";
import { deferred } from "../support/deferred.ts";

const never = new AbortController().signal;
const hanging = new Promise<string>(() => undefined);

test("gives what the promise comes to", async () => {
  expect(await orAborted(Promise.resolve("done"), never)).toBe("done");
  await expect(orAborted(Promise.reject(new Error("failed")), never)).rejects.toThrow("failed");
});

test("waits no longer once the signal aborts, or has, also where the promise fails later", async () => {
  const ending = new AbortController();
  const reason = new Error("ended");
  const { promise, resolve } = deferred();
  const failing = promise.then(() => Promise.reject(new Error("too late")));
  const outcomes = [orAborted(hanging, ending.signal), orAborted(failing, ending.signal)];
  ending.abort(reason);
  resolve();
  for (const outcome of outcomes) await expect(outcome).rejects.toBe(reason);
  await expect(orAborted(hanging, ending.signal)).rejects.toBe(reason);
  await expect(orAborted(Promise.reject(new Error("too late")), ending.signal)).rejects.toBe(reason);
});
