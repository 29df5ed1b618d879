import { describe, expect, test } from "@jest/globals";
import type { KubeEvent, ObjectReference } from "../../src/events/event.ts";
import {
  about,
  and,
  anyEvent,
  fromComponent,
  hasReason,
  hasType,
  messageMatches,
  not,
  or,
  seenSince,
  seenUntil,
} from "../../src/events/match.ts";
import { sampleEvent } from "../support/sample-event.ts";

const event = sampleEvent();
const never = not(anyEvent);
/** All that the API asks of an event. */
const empty: KubeEvent = { metadata: {}, involvedObject: {} };

test("matchers compose", () => {
  expect([and(), and(anyEvent, anyEvent), and(anyEvent, never)].map((matches) => matches(event))).toEqual([
    true,
    true,
    false,
  ]);
  expect([or(), or(never, anyEvent), or(never, never)].map((matches) => matches(event))).toEqual([false, true, false]);
  expect(and(hasReason("Approval"), not(fromComponent("kubelet")))(event)).toBe(true);
});

test("reasons match exactly, types in any case", () => {
  expect([hasReason("A", "Approval"), hasReason("approval"), hasReason("")].map((matches) => matches(event))).toEqual([
    true,
    false,
    false,
  ]);
  expect(
    [hasType("normal"), hasType("Warning", "NORMAL"), hasType("Warning")].map((matches) => matches(event)),
  ).toEqual([true, true, false]);
  expect(hasType("warning")(empty)).toBe(false);
});

test("the component is the source's, or else the reporting one", () => {
  const events = [
    sampleEvent({ source: { component: "a" }, reportingComponent: "b" }),
    sampleEvent({ source: { component: "" }, reportingComponent: "b" }),
    { ...empty, reportingComponent: "b" },
    empty,
  ];
  expect(events.map(fromComponent("a"))).toEqual([true, false, false, false]);
  expect(events.map(fromComponent("b", "c"))).toEqual([false, true, true, false]);
});

test("messages match a regular expression, each anew", () => {
  const matches = messageMatches(/approved/gy);
  expect(messageMatches(/MANUALLY/i)(event)).toBe(true);
  const approved = sampleEvent({ message: "approved" });
  expect([matches(approved), matches(approved), matches(approved)]).toEqual([true, true, true]);
  expect(messageMatches(/^$/)(empty)).toBe(true);
});

describe("times", () => {
  const spanning = sampleEvent({
    count: 3,
    firstTimestamp: "2026-11-23T09:10:00Z",
    lastTimestamp: "2026-11-23T09:18:00Z",
  });
  const at = (time: string): Date => new Date(`2026-11-23T${time}Z`);

  test("since: last seen then or later, to the second", () => {
    expect(["09:17:00", "09:18:00", "09:18:00.900", "09:18:01"].map((time) => seenSince(at(time))(spanning))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test("until: first seen then or earlier", () => {
    expect(["09:09:59.999", "09:10:00", "09:15:00", "09:20:00"].map((time) => seenUntil(at(time))(spanning))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  test("an event without a first time is taken by its last, one without any is not lost", () => {
    const lastOnly = sampleEvent({ lastTimestamp: "2026-11-23T09:18:00Z" });
    expect([seenUntil(at("09:17:00"))(lastOnly), seenUntil(at("09:18:00"))(lastOnly)]).toEqual([false, true]);
    expect([seenUntil(at("09:00:00"))(event), seenSince(at("09:00:00"))(event)]).toEqual([true, true]);
  });
});

describe("about", () => {
  const reference: ObjectReference = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    name: "ui-server",
    namespace: "prod",
    uid: "u-1",
  };
  const involving = (
    more: Partial<ObjectReference>,
    metadata: KubeEvent["metadata"] = { namespace: "prod" },
  ): KubeEvent => sampleEvent({ metadata, involvedObject: { ...reference, ...more } });

  test.each<[string, KubeEvent, boolean]>([
    ["the same object", involving({}), true],
    ["another version of its group", involving({ apiVersion: "apps/v1beta2" }), true],
    ["no apiVersion", involving({ apiVersion: "" }), true],
    ["another group", involving({ apiVersion: "example.com/v1" }), false],
    ["the core group", involving({ apiVersion: "v1" }), false],
    ["no uid", involving({ uid: "" }), true],
    ["an earlier object of that name", involving({ uid: "u-0" }), false],
    ["another name", involving({ name: "api" }), false],
    ["another kind", involving({ kind: "ReplicaSet" }), false],
    ["another namespace", involving({ namespace: "test" }), false],
    ["no namespace, in its own", involving({ namespace: "" }), true],
    ["no namespace, in another", involving({ namespace: "" }, { namespace: "default" }), false],
  ])("%s", (_, candidate, matches) => {
    expect(about(reference)(candidate)).toBe(matches);
  });

  test("what the reference leaves out does not count", () => {
    const loose = about({ kind: "Deployment", name: "ui-server" });
    expect([involving({}), involving({ uid: "u-0", namespace: "test", apiVersion: "x/v1" })].map(loose)).toEqual([
      true,
      true,
    ]);
    expect(
      about({ apiVersion: "v1", kind: "Pod", name: "p" })(
        sampleEvent({ involvedObject: { apiVersion: "v1", kind: "Pod", name: "p" } }),
      ),
    ).toBe(true);
  });

  test("a node, which the kubelet gives its name for a uid", () => {
    const node = about({ apiVersion: "v1", kind: "Node", name: "node-1", uid: "n-1" });
    const events = ["n-1", "node-1", "n-0"].map((uid) =>
      sampleEvent({ metadata: { namespace: "default" }, involvedObject: { kind: "Node", name: "node-1", uid } }),
    );
    expect(events.map(node)).toEqual([true, true, false]);
  });
});
