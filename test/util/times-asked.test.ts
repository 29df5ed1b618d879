import { expect, test } from "@jest/globals";
import { timesAsked } from "../../src/util/times-asked.ts";

test.each<[what: string, signals: [at: number, signal: NodeJS.Signals][], times: number[]]>([
  [
    "as timeout(1) sends it",
    [
      [0, "SIGTERM"],
      [3, "SIGTERM"],
    ],
    [1, 1],
  ],
  [
    "by somebody impatient",
    [
      [0, "SIGINT"],
      [500, "SIGINT"],
      [1_500, "SIGINT"],
    ],
    [1, 2, 3],
  ],
  [
    "by somebody who keeps the key down",
    Array.from({ length: 6 }, (_, index) => [index * 200, "SIGINT"]),
    [1, 1, 1, 2, 2, 2],
  ],
  [
    "in two ways",
    [
      [0, "SIGINT"],
      [3, "SIGTERM"],
      [6, "SIGINT"],
    ],
    [1, 2, 2],
  ],
])("a signal %s", (_what, signals, times) => {
  let now = 0;
  const asked = timesAsked({ now: () => new Date(now) });

  expect(
    signals.map(([at, signal]) => {
      now = at;
      return asked(signal);
    }),
  ).toEqual(times);
});
