import { describe, expect, test } from "@jest/globals";
import { initialState, type Outage, type StateChange, stepState } from "../../src/probe/probe-state.ts";

const thresholds = { failures: 3, successes: 2 };

/** What a row of checks, one a second, does: `-` a failed one, `+` a good one. */
function play(row: string, open?: Outage): StateChange[] {
  let state = initialState(open);
  return [...row].map((check, index) => {
    const step = stepState(state, { isGood: check === "+", at: 1_000 * index }, thresholds);
    state = step.state;
    return step.change;
  });
}

const nothing = { type: "none" };

describe("stepState", () => {
  test("the first good check says that a target is up, the others nothing", () => {
    expect(play("+++")).toEqual([{ type: "came-up" }, nothing, nothing]);
  });

  test("down is as many failed checks in a row as it takes, and begins with the first of them", () => {
    expect(play("+---")).toEqual([
      { type: "came-up" },
      nothing,
      nothing,
      { type: "went-down", outage: { since: 1_000, failures: 3 } },
    ]);
  });

  test("a good check in between begins the row anew: flapping that never reaches it is no outage", () => {
    expect(play("--+--+--").filter(({ type }) => type === "went-down")).toEqual([]);
  });

  test("up is as many good checks in a row as it takes, from the first of them on", () => {
    expect(play("---++").slice(3)).toEqual([
      nothing,
      { type: "recovered", outage: { since: 0, failures: 3 }, at: 3_000 },
    ]);
  });

  test("a flap within an outage belongs to it, with its failed checks", () => {
    expect(play("---+-+-++").slice(4)).toEqual([
      { type: "still-down", outage: { since: 0, failures: 4 } },
      nothing,
      { type: "still-down", outage: { since: 0, failures: 5 } },
      nothing,
      { type: "recovered", outage: { since: 0, failures: 5 }, at: 7_000 },
    ]);
  });

  test("the next outage is another one", () => {
    expect(play("---++---").at(-1)).toEqual({ type: "went-down", outage: { since: 5_000, failures: 3 } });
  });

  test("an outage that an earlier run has left open goes on at once", () => {
    const open = { since: -9_000, failures: 7 };
    expect(play("-", open)).toEqual([{ type: "still-down", outage: { since: -9_000, failures: 8 } }]);
    expect(play("++", open)).toEqual([nothing, { type: "recovered", outage: open, at: 0 }]);
  });
});
