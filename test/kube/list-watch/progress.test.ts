import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/events/event.ts";
import type { ChangeStep } from "../../../src/kube/list-watch/list-watch-step.ts";
import { createProgress } from "../../../src/kube/list-watch/progress.ts";

const object = (name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "prod", uid, resourceVersion },
  spec: {},
});

const told = (steps: ChangeStep<KubeObject>[]): string[] =>
  steps.map(({ change, object: { metadata } }) => `${change} ${metadata.uid} ${metadata.resourceVersion}`);

describe("a list", () => {
  test("that begins again yields what it has not, and what changed meanwhile", () => {
    const progress = createProgress<KubeObject>(undefined, { deletions: false, present: false });
    progress.beginList("10");
    expect(told(progress.listed(object("a", "3")))).toEqual(["listed uid-a 3"]);
    expect(told(progress.listed(object("b", "9")))).toEqual(["listed uid-b 9"]);
    progress.beginList("20");
    const again = [object("a", "12"), object("b", "9"), object("c", "1")].flatMap(progress.listed);
    expect(told(again)).toEqual(["listed uid-a 12", "listed uid-c 1"]);
    expect(progress.mark).toBeUndefined();
    expect(progress.endList()).toEqual([]);
    expect(progress.mark).toBe("20");
  });

  test("after a mark yields only what is newer, by value and not by text", () => {
    const progress = createProgress<KubeObject>("9", { deletions: false, present: false });
    progress.beginList("100");
    const listed = [object("a", "8"), object("b", "9"), object("c", "10")].flatMap(progress.listed);
    expect(told(listed)).toEqual(["listed uid-c 10"]);
  });

  test("of a store that was set back is news as a whole", () => {
    const progress = createProgress<KubeObject>(undefined, { deletions: false, present: false });
    progress.beginList("50");
    progress.listed(object("a", "30"));
    progress.endList();
    progress.beginList("40");
    expect(told(progress.listed(object("a", "30")))).toEqual(["listed uid-a 30"]);
    progress.endList();
    expect(progress.mark).toBe("40");
    expect(told(progress.watched("ADDED", object("b", "41")))).toEqual(["added uid-b 41"]);
  });
});

describe("a watch", () => {
  test("moves the mark by every event, and repeats nothing up to it", () => {
    const progress = createProgress<KubeObject>("10", { deletions: false, present: false });
    expect(told(progress.watched("MODIFIED", object("a", "10")))).toEqual([]);
    expect(told(progress.watched("MODIFIED", object("a", "11")))).toEqual(["modified uid-a 11"]);
    expect(told(progress.watched("ADDED", object("a", "11")))).toEqual([]);
    expect(told(progress.watched("DELETED", object("a", "12")))).toEqual([]);
    expect(progress.mark).toBe("12");
    progress.bookmark("15");
    progress.bookmark("14");
    expect(progress.mark).toBe("15");
    expect(told(progress.watched("ADDED", object("b", "14")))).toEqual([]);
  });
});

describe("versions without an order", () => {
  test("are news unless the same object had the same one lately", () => {
    const progress = createProgress<KubeObject>(undefined, { deletions: false, present: false });
    progress.beginList("x1");
    expect(told(progress.listed(object("a", "v1")))).toEqual(["listed uid-a v1"]);
    progress.endList();
    expect(progress.mark).toBe("x1");
    expect(told(progress.watched("MODIFIED", object("a", "v1")))).toEqual([]);
    expect(told(progress.watched("ADDED", object("b", "v1")))).toEqual(["added uid-b v1"]);
    expect(told(progress.watched("MODIFIED", object("a", "v0")))).toEqual(["modified uid-a v0"]);
    expect(progress.mark).toBe("v0");
    progress.beginList("x2");
    expect(told([object("a", "v0"), object("b", "v2")].flatMap(progress.listed))).toEqual(["listed uid-b v2"]);
  });

  test("are remembered for the 4096 objects seen last", () => {
    const progress = createProgress<KubeObject>("x", { deletions: false, present: false });
    const isNews = (number: number) => progress.watched("ADDED", object(`o${number}`, "v")).length > 0;
    for (let number = 0; number < 4_096; number++) isNews(number);
    // Seen again, so that the second one is now the oldest.
    expect(isNews(0)).toBe(false);
    expect(isNews(4_096)).toBe(true);
    expect([isNews(0), isNews(2), isNews(1)]).toEqual([false, false, true]);
  });
});

describe("with deletions", () => {
  const listed = () => {
    const progress = createProgress<KubeObject>(undefined, { deletions: true, present: false });
    progress.beginList("10");
    for (const name of ["a", "b", "c"]) progress.listed(object(name, "5"));
    progress.endList();
    return progress;
  };

  test("what a later list lacks is gone, and cut down to what names it", () => {
    const progress = listed();
    progress.watched("ADDED", object("d", "11"));
    progress.beginList("20");
    expect(told([object("a", "5"), object("c", "15")].flatMap(progress.listed))).toEqual(["listed uid-c 15"]);
    expect(progress.endList()).toEqual(
      [object("b", "5"), object("d", "11")].map(({ spec: _spec, ...rest }) => ({
        type: "change",
        change: "deleted",
        object: rest,
      })),
    );
    progress.beginList("30");
    expect(told([object("a", "5"), object("c", "15")].flatMap(progress.listed))).toEqual([]);
    expect(progress.endList()).toEqual([]);
  });

  test("what a broken list has yielded and the next one lacks is gone too", () => {
    const progress = createProgress<KubeObject>(undefined, { deletions: true, present: false });
    progress.beginList("10");
    progress.listed(object("a", "5"));
    progress.beginList("20");
    progress.listed(object("b", "5"));
    expect(told(progress.endList())).toEqual(["deleted uid-a 5"]);
  });

  test("a deletion is told once, whatever its version, and that of an object's namesake not at all", () => {
    const progress = listed();
    expect(told(progress.watched("DELETED", object("a", "5")))).toEqual(["deleted uid-a 5"]);
    expect(told(progress.watched("DELETED", object("a", "5")))).toEqual([]);
    expect(told(progress.watched("DELETED", object("b", "6", "an older one")))).toEqual([]);
    expect(told(progress.watched("DELETED", object("b", "12")))).toEqual(["deleted uid-b 12"]);
    expect(told(progress.watched("DELETED", object("z", "13")))).toEqual(["deleted uid-z 13"]);
    expect(progress.mark).toBe("13");
  });

  test("an object in another's place comes after that one's deletion", () => {
    const progress = listed();
    progress.beginList("20");
    const steps = [object("a", "15", "new"), object("b", "5"), object("c", "5")].flatMap(progress.listed);
    expect(told([...steps, ...progress.endList()])).toEqual(["deleted uid-a 5", "listed new 15"]);
  });
});

test("objects that the caller has are told as present where they are asked for", () => {
  const progress = createProgress<KubeObject>("9", { deletions: false, present: true });
  progress.beginList("100");
  const listed = [object("a", "8"), object("b", "10")].flatMap(progress.listed);
  expect(told(listed)).toEqual(["present uid-a 8", "listed uid-b 10"]);
});

test("deletions that a watch shows are told without keeping what was there", () => {
  const progress = createProgress<KubeObject>("9", { deletions: "watched", present: false });
  expect(told(progress.watched("DELETED", object("never-seen", "10")))).toEqual(["deleted uid-never-seen 10"]);
  expect(told(progress.watched("DELETED", object("never-seen", "10")))).toEqual([]);
  progress.beginList("20");
  expect(told(progress.endList())).toEqual([]);
});
