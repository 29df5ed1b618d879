import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { compileFilters, type FilterTexts } from "../../src/events/filter.ts";
import { sampleEvent } from "../support/sample-event.ts";

const named = (name: string, more: Partial<KubeEvent>): KubeEvent =>
  sampleEvent({ metadata: { name, namespace: "prod" }, ...more });
const pod = { apiVersion: "v1", kind: "Pod", name: "ui-server-1", namespace: "prod", uid: "u-2" };
const events = [
  named("approval", { lastTimestamp: "2026-11-23T09:00:00Z" }),
  named("pulled", {
    reason: "Pulled",
    message: "Pulled image",
    source: { component: "kubelet" },
    involvedObject: pod,
    lastTimestamp: "2026-11-23T09:10:00Z",
  }),
  named("backoff", {
    reason: "BackOff",
    type: "Warning",
    message: "Back-off, restarting",
    source: { component: "kubelet" },
    involvedObject: pod,
  }),
  named("odd", { reason: "a=b\\c", type: "warning", message: "A odd one", source: { component: "x" } }),
  named("error", { reason: "Failed", type: "Error", message: "kopf", source: {}, reportingComponent: "kopf" }),
];

function kept(texts: FilterTexts): (string | undefined)[] {
  return events.filter(compileFilters(texts).matcher).map(({ metadata }) => metadata.name);
}

describe("compileFilters", () => {
  test.each<[string, FilterTexts, string[], string | undefined]>([
    ["nothing", {}, ["approval", "pulled", "backoff", "odd", "error"], undefined],
    ["empty lists", { types: [], reason: [] }, ["approval", "pulled", "backoff", "odd", "error"], undefined],
    ["a reason", { reason: ["Pulled"] }, ["pulled"], "reason=Pulled"],
    ["the same reason twice", { reason: ["Pulled,Pulled", "Pulled"] }, ["pulled"], "reason=Pulled"],
    ["several reasons", { reason: ["Pulled, BackOff", "Approval"] }, ["approval", "pulled", "backoff"], undefined],
    [
      "no such reason",
      { reason: ["!Pulled,!BackOff"] },
      ["approval", "odd", "error"],
      "reason!=Pulled,reason!=BackOff",
    ],
    ["several reasons, and one that is out", { reason: ["Pulled,BackOff,!Pulled"] }, ["backoff"], "reason!=Pulled"],
    ["a reason that selectors must escape", { reason: ["a=b\\c"] }, ["odd"], "reason=a\\=b\\\\c"],
    ["a type, in any case on both sides", { types: ["WARNING"] }, ["backoff", "odd"], "type!=Normal"],
    ["the other type", { types: ["Normal"] }, ["approval", "pulled"], "type!=Warning"],
    ["both types", { types: ["Normal,Warning"] }, ["approval", "pulled", "backoff", "odd"], undefined],
    ["not a type", { types: ["!normal"] }, ["backoff", "odd", "error"], "type!=Normal"],
    ["neither type", { types: ["!Normal", "!Warning"] }, ["error"], "type!=Normal,type!=Warning"],
    ["a component", { component: ["kopf"] }, ["error"], "source=kopf"],
    ["not a component", { component: ["!kubelet"] }, ["approval", "odd", "error"], "source!=kubelet"],
    ["a message", { grep: ["back-off, r"] }, [], undefined],
    ["a message in any case", { grep: ["(?i)back-off, r"] }, ["backoff"], undefined],
    ["one of several messages, without another", { grep: ["^Pulled", "^Back", "!image$"] }, ["backoff"], undefined],
    ["a time", { since: new Date("2026-11-23T09:05:00Z") }, ["pulled", "backoff", "odd", "error"], undefined],
    ["another time", { until: new Date("2026-11-23T09:05:00Z") }, ["approval", "backoff", "odd", "error"], undefined],
    ["an object", { about: [pod] }, ["pulled", "backoff"], "involvedObject.kind=Pod,involvedObject.name=ui-server-1"],
    [
      "objects of one kind",
      { about: [pod, { ...pod, name: "ui-server-2", uid: "u-3" }] },
      ["pulled", "backoff"],
      "involvedObject.kind=Pod",
    ],
    [
      "objects of several kinds",
      { about: [pod, { kind: "Deployment", name: "ui-server" }] },
      ["approval", "pulled", "backoff", "odd", "error"],
      undefined,
    ],
    ["none of no objects", { about: [] }, [], undefined],
    [
      "all at once",
      { about: [pod], types: ["Warning"], reason: ["BackOff"], component: ["kubelet", "!x"], grep: ["."] },
      ["backoff"],
      "involvedObject.kind=Pod,involvedObject.name=ui-server-1,type!=Normal,reason=BackOff,source=kubelet",
    ],
  ])("%s", (_, texts, names, fieldSelector) => {
    expect(kept(texts)).toEqual(names);
    expect(compileFilters(texts).fieldSelector).toBe(fieldSelector);
  });

  test.each<[FilterTexts, string]>([
    [{ types: ["Normal,Error"] }, "valid types are Normal or Warning"],
    [{ types: [""] }, "types has an empty value"],
    [{ reason: ["A,,B"] }, "reason has an empty value"],
    [{ component: ["!"] }, "component has an empty value"],
    [{ grep: [""] }, "grep has an empty value"],
    [{ grep: ["a(b"] }, 'grep "a(b" is no regular expression: Unterminated group'],
    [{ grep: ["!(?i)["] }, 'grep "(?i)[" is no regular expression: Unterminated character class'],
    [{ since: new Date(1), until: new Date(0) }, "until is before since"],
  ])("refuses %j", (texts, message) => {
    expect(() => compileFilters(texts)).toThrow(expect.objectContaining({ kind: "usage", message }));
  });
});
