import { expect, test } from "@jest/globals";
import { forwardSignals } from "../../src/run/forward-signals.ts";
import { fakeClock } from "../support/fake-clock.ts";

/** What becomes of signals, each with whether the witness has it, too; several at a time when they come at once. */
async function forwarded(
  rounds: readonly (readonly [signal: NodeJS.Signals, witnessed: boolean][])[],
  { isAtTerminal = false, isThere = true, pause = 1_000 } = {},
): Promise<string[]> {
  const log: string[] = [];
  const clock = fakeClock("2026-11-23T09:30:00Z");
  const counts = new Map<NodeJS.Signals, number>();
  const take = forwardSignals({
    witness: { count: async (signal) => (isThere ? (counts.get(signal) ?? 0) : undefined) },
    forward: (signal) => void log.push(`forward ${signal}`),
    stop: (signal) => void log.push(`stop ${signal}`),
    isAtTerminal,
    clock,
  });
  for (const round of rounds) {
    for (const [signal, witnessed] of round) {
      if (witnessed) counts.set(signal, (counts.get(signal) ?? 0) + 1);
    }
    await Promise.all(round.map(([signal]) => take(signal)));
    log.push("-");
    await clock.sleep(pause);
  }
  return log;
}

test("a signal to this process alone is passed on, each time", async () => {
  expect(await forwarded([[["SIGINT", false]], [["SIGTERM", false]], [["SIGINT", false]]])).toEqual([
    "forward SIGINT",
    "-",
    "forward SIGTERM",
    "-",
    "forward SIGINT",
    "-",
  ]);
});

test("one to the whole group is not: the command has it", async () => {
  expect(await forwarded([[["SIGINT", true]], [["SIGINT", true]], [["SIGINT", false]]])).toEqual([
    "-",
    "-",
    "forward SIGINT",
    "-",
  ]);
});

test("two to the group at once are not passed on either", async () => {
  const both = [
    ["SIGINT", true],
    ["SIGINT", true],
  ] as [NodeJS.Signals, boolean][];

  expect(await forwarded([both, [["SIGINT", false]]])).toEqual(["-", "forward SIGINT", "-"]);
});

test("one to this process and then to the group, by the same sender, is one", async () => {
  expect(await forwarded([[["SIGTERM", true]], [["SIGTERM", false]]], { pause: 5 })).toEqual(["-", "-"]);
});

test("one to the group that comes a moment after that to this process is not passed on", async () => {
  const log: string[] = [];
  let asked = 0;
  const take = forwardSignals({
    witness: { count: async () => (asked++ === 0 ? 0 : 1) },
    forward: (signal) => void log.push(signal),
    stop: () => undefined,
    isAtTerminal: false,
    clock: fakeClock("2026-11-23T09:30:00Z"),
  });
  await take("SIGTERM");

  expect(log).toEqual([]);
});

test("Ctrl-Z stops this process when the command has it", async () => {
  expect(await forwarded([[["SIGTSTP", true]], [["SIGCONT", true]], [["SIGTSTP", false]]])).toEqual([
    "stop SIGTSTP",
    "-",
    "-",
    "forward SIGTSTP",
    "stop SIGTSTP",
    "-",
  ]);
});

test("without a witness what keys send is taken for the group's at a terminal, and all else is passed on", async () => {
  const rounds = [[["SIGINT", true]], [["SIGTERM", true]]] as [NodeJS.Signals, boolean][][];

  expect(await forwarded(rounds, { isThere: false, isAtTerminal: true })).toEqual(["-", "forward SIGTERM", "-"]);
  expect(await forwarded(rounds, { isThere: false })).toEqual(["forward SIGINT", "-", "forward SIGTERM", "-"]);
});
