import { describe, expect, test } from "@jest/globals";
import { readDeliveries, readObjects } from "../../../src/route/rules/read-deliveries.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../../support/sample-delivery.ts";

const core = { apiVersion: "v1", kind: "Event", ...storedEvent() };

describe("readDeliveries", () => {
  test("makes the first delivery of an event", () => {
    const { cluster: _, ...sample } = sampleDelivery();
    expect(readDeliveries(JSON.stringify(storedEvent()), "e.json")).toEqual([
      { ...sample, verb: "ADDED", delta: 3, time: "2026-11-23T09:29:30Z" },
    ]);
  });

  test("takes Lists, watches and several documents apart", () => {
    const list = JSON.stringify({ kind: "List", apiVersion: "v1", items: [core, core] });
    const watched = JSON.stringify({ type: "MODIFIED", object: core });
    const ids = readDeliveries(`${list}\n${watched}\n${JSON.stringify(core, undefined, 2)}`, "e").map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set([sampleDelivery().id]));
    expect(ids).toHaveLength(4);
    const documents = [1, 2].map(
      (line) => `metadata: {uid: u${line}, resourceVersion: "1"}\ninvolvedObject: {kind: Pod}\n`,
    );
    expect(readDeliveries(documents.join("---\n"), "e").map(({ id }) => id)).toEqual(["u1/1", "u2/1"]);
  });

  test("leaves lines of kev route as they are", () => {
    const lines = [sampleDelivery(), bareDelivery("b")];
    expect(readDeliveries(lines.map((line) => JSON.stringify(line)).join("\n"), "lines")).toEqual(lines);
  });

  test("reads events.k8s.io in the words of core/v1", () => {
    const { involvedObject, message, reportingComponent, source, count, firstTimestamp, lastTimestamp, ...same } = core;
    const modern = {
      ...same,
      apiVersion: "events.k8s.io/v1",
      ...{ regarding: involvedObject, note: message, reportingController: reportingComponent },
      ...{ deprecatedSource: source, deprecatedCount: count },
      ...{ deprecatedFirstTimestamp: firstTimestamp, deprecatedLastTimestamp: lastTimestamp },
    };
    expect(readDeliveries(JSON.stringify(modern), "e")).toEqual(readDeliveries(JSON.stringify(core), "e"));
  });

  test.each([
    ["kind: Pod\nmetadata: {}", "e.yaml:1: expected an Event, found a Pod"],
    ["---\nkind: List\nitems: [{kind: Event}]", "e.yaml:2: expected an Event, found one without involvedObject"],
    ["[1]", "e.yaml:1: expected an Event, found something else"],
    ["involvedObject: {}\nmetadata: {uid: 7}", "e.yaml:1: in this event, metadata.uid must be a string"],
    ['involvedObject: {}\ncount: "3"', "e.yaml:1: in this event, count must be a number"],
    ["regarding: {}\nnote: [a]", "e.yaml:1: in this event, message must be a string"],
    ["involvedObject: {}\nmetadata: {labels: [a]}", "e.yaml:1: in this event, metadata.labels must be a map"],
    ["involvedObject: {}\nsource: kubelet", "e.yaml:1: in this event, source must be a map"],
    [
      "{id: a, verb: ADDED, delta: 1, count: 1, event: {metadata: {}, involvedObject: {}, reason: 5}}",
      "e.yaml:1: in this event, reason must be a string",
    ],
    [
      "a: [",
      "error parsing e.yaml:1:5: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  ])("%j fails", (text, message) => {
    expect(() => readDeliveries(text, "e.yaml")).toThrow(message);
  });
});

test("readObjects takes Lists apart, and nothing but objects", () => {
  const pod = { kind: "Pod", metadata: { name: "a" } };
  expect(readObjects(JSON.stringify({ kind: "List", items: [pod, pod] }), "o")).toEqual([pod, pod]);
  expect(() => readObjects("kind: Pod\nmetadata: {labels: {a: 1}}", "o.yaml")).toThrow(
    "o.yaml:1: in this object, metadata.labels.a must be a string",
  );
  expect(() => readObjects("a: b", "o.yaml")).toThrow("o.yaml:1: expected an object of Kubernetes");
});
