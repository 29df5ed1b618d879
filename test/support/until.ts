import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when it is so; asks every 50 ms, and throws after a minute. */
export async function until(isSo: () => unknown): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not so within a minute: ${isSo}`);
    await sleep(50);
  }
}
