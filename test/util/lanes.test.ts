import { expect, test } from "@jest/globals";
import { createLanes } from "../../src/util/lanes.ts";
import { type Deferred, deferred } from "../support/deferred.ts";
import { settled } from "../support/fake-clock.ts";

/** Tasks that note when they begin and end, and end when told to. */
function noting() {
  const log: string[] = [];
  const ends: Record<string, Deferred> = {};
  const task = (name: string) => async (): Promise<string> => {
    log.push(`+${name}`);
    const end = deferred();
    ends[name] = end;
    await end.promise;
    log.push(`-${name}`);
    return name;
  };
  return { log, task, end: (name: string) => ends[name]?.resolve() };
}

test("tasks of one lane run one after the other, others beside them, and no more than there is room for", async () => {
  const lanes = createLanes(2);
  const { log, task, end } = noting();
  const all = [
    lanes.run("a", task("a1")),
    lanes.run("a", task("a2")),
    lanes.run("b", task("b1")),
    lanes.run("c", task("c1")),
  ];
  await settled();
  expect(log).toEqual(["+a1", "+b1"]);
  end("a1");
  await settled();
  expect(log).toEqual(["+a1", "+b1", "-a1", "+c1"]);
  end("b1");
  await settled();
  expect(log.at(-1)).toBe("+a2");
  end("c1");
  end("a2");
  expect(await Promise.all(all)).toEqual(["a1", "a2", "b1", "c1"]);
});

test("a task that fails neither stops its lane nor keeps its place", async () => {
  const lanes = createLanes(1);
  const failed = lanes.run("a", () => Promise.reject(new Error("broken")));
  const after = lanes.run("a", async () => "after");
  await expect(failed).rejects.toThrow("broken");
  expect(await after).toBe("after");
});

test("a task that is away leaves its place to another lane, not its lane, and waits for a place to go on", async () => {
  const lanes = createLanes(1);
  const { log, task, end } = noting();
  const pause = deferred();
  const first = lanes.run("a", async (slot) => {
    await slot.away(() => pause.promise);
    log.push("back");
  });
  lanes.run("a", task("a2"));
  lanes.run("b", task("b1"));
  await settled();
  expect(log).toEqual(["+b1"]);
  pause.resolve();
  await settled();
  expect(log).toEqual(["+b1"]);
  end("b1");
  await first;
  await settled();
  expect(log).toEqual(["+b1", "-b1", "back", "+a2"]);
});
