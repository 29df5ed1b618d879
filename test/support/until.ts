import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when it is so; asks every 50 ms, and throws after `patience` milliseconds, usually a minute. */
export async function until(isSo: () => unknown, patience = 60_000): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not so within ${patience / 1_000} s: ${isSo}`);
    await sleep(50);
  }
}
