import { describe, expect, test } from "@jest/globals";
import { type RetryPolicy, retry } from "../../src/util/backoff.ts";
import { KevError } from "../../src/util/errors.ts";
import { fakeClock } from "../support/fake-clock.ts";

const always = (): { after: number } => ({ after: 0 });
const never = (): undefined => undefined;

/** Fails with each of `failures` in turn, then succeeds with the number of the try. */
function failing(failures: number): (attempt: number) => Promise<number> {
  return async (attempt) => {
    if (attempt <= failures) throw new Error(`failure ${attempt}`);
    return attempt;
  };
}

describe("retry", () => {
  const policy = (options: Partial<RetryPolicy> = {}) => {
    const clock = fakeClock("2026-11-23T09:30:00Z");
    return { clock, policy: { timeout: 30_000, clock, random: () => 0.999999, ...options } };
  };

  test("waits double from 250 ms to 5 s", async () => {
    const { clock, policy: patient } = policy();
    expect(await retry(failing(7), always, patient)).toBe(8);
    expect(clock.slept.map(Math.round)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  });

  test("waits at least half of it, by chance", async () => {
    const { clock, policy: lucky } = policy({ random: () => 0 });
    await retry(failing(2), always, lucky);
    expect(clock.slept).toEqual([125, 250]);
  });

  test("waits as long as the server asks", async () => {
    const { clock, policy: patient } = policy();
    await retry(failing(1), () => ({ after: 7_000 }), patient);
    expect(clock.slept).toEqual([7_000]);
  });

  test("starts no try after the time is up", async () => {
    const { clock, policy: brief } = policy({ timeout: 1_000 });
    await expect(retry(failing(99), always, brief)).rejects.toThrow("failure 3");
    expect(clock.slept.map(Math.round)).toEqual([250, 500]);
  });

  test("operations of one outage spend its time once", async () => {
    const { clock, policy: brief } = policy({ timeout: 900, outage: {} });
    const forAll = () => ({ after: 0, concernsAll: true });
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 3");
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 1");
    await retry(failing(0), forAll, brief);
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 3");
    expect(clock.slept.map(Math.round)).toEqual([250, 500, 250, 500]);
  });

  test("an outage ends with any answer, a refusal too", async () => {
    const { clock, policy: brief } = policy({ timeout: 900, outage: {} });
    const forAll = () => ({ after: 0, concernsAll: true });
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 3");
    await expect(retry(failing(99), never, brief)).rejects.toThrow("failure 1");
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 3");
    expect(clock.slept.map(Math.round)).toEqual([250, 500, 250, 500]);
  });

  test("an outage lapses when nothing was tried for longer than its time: somebody may have been there", async () => {
    const { clock, policy: brief } = policy({ timeout: 900, outage: {} });
    const forAll = () => ({ after: 0, concernsAll: true });
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 3");
    await clock.sleep(900);
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 1");
    await clock.sleep(901);
    await expect(retry(failing(99), forAll, brief)).rejects.toThrow("failure 3");
  });

  test("says when the server asks to wait longer than the time there is", async () => {
    const { policy: brief } = policy({ timeout: 1_000 });
    const error = new KevError("failed", "too many requests");
    await expect(
      retry(
        () => Promise.reject(error),
        () => ({ after: 120_000 }),
        brief,
      ),
    ).rejects.toBe(error);
    expect(error.hint).toBe("the server asks to wait 120s; retryTimeout 2m waits that long");
  });

  test("…or than what is left of it, but not when it asks for nothing", async () => {
    const { policy: brief } = policy({ timeout: 30_000 });
    const error = new KevError("failed", "too many requests");
    const failed = (): Promise<never> => Promise.reject(error);
    await expect(retry(failed, always, brief)).rejects.toBe(error);
    expect(error.hint).toBeUndefined();
    await expect(retry(failed, () => ({ after: 25_000 }), brief)).rejects.toBe(error);
    expect(error.hint).toBe("the server asks to wait 25s; retryTimeout 50s waits that long");
  });

  test("a time-out of 0 is one try", async () => {
    const { policy: once } = policy({ timeout: 0 });
    await expect(retry(failing(1), always, once)).rejects.toThrow("failure 1");
  });

  test("does not try again what fails for good", async () => {
    const { policy: patient } = policy();
    await expect(retry(failing(1), never, patient)).rejects.toThrow("failure 1");
  });

  test("an abort ends the waiting with its reason", async () => {
    const abort = new AbortController();
    const { policy: patient } = policy({ signal: abort.signal, onRetry: () => abort.abort(new Error("Ctrl-C")) });
    await expect(retry(failing(1), always, patient)).rejects.toThrow("Ctrl-C");
  });
});
