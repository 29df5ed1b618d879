import { describe, expect, test } from "@jest/globals";
import { type EventRow, eventTable } from "../../src/cli/event-table.ts";
import { sampleEvent } from "../support/sample-event.ts";

const now = (): Date => new Date("2026-11-23T09:30:00Z");
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  name: "ui-server-1",
  namespace: "prod",
  fieldPath: "spec.containers{web}",
};
const rows: EventRow[] = [
  { event: sampleEvent({ firstTimestamp: "2026-11-23T09:25:00Z", lastTimestamp: "2026-11-23T09:25:00Z", count: 1 }) },
  {
    event: sampleEvent({
      metadata: { name: "ui-server-1.2", namespace: "prod" },
      involvedObject: pod,
      type: "Warning",
      reason: "BackOff",
      message: "  Back-off\nrestarting \u001b[31mweb\u202e\n",
      source: { component: "kubelet", host: "node-1" },
      firstTimestamp: "2026-11-23T09:10:00Z",
      lastTimestamp: "2026-11-23T09:18:00Z",
      count: 3,
    }),
  },
  {
    event: {
      metadata: { name: "bare", namespace: "default" },
      involvedObject: { kind: "Node" },
      eventTime: "2026-11-22T09:30:00.123456Z",
      reportingComponent: "scheduler",
      reportingInstance: "s-1",
      series: { count: 2, lastObservedTime: "2026-11-23T09:29:00.000000Z" },
    },
  },
];

describe("eventTable", () => {
  test("as kubectl events", () => {
    expect(eventTable({ now })(rows)).toBe(
      [
        "LAST SEEN           TYPE      REASON     OBJECT                 MESSAGE",
        "5m                  Normal    Approval   Deployment/ui-server   Manually tested and approved",
        "12m (x3 over 20m)   Warning   BackOff    Pod/ui-server-1        Back-off\\nrestarting ^[[31mweb\\u202e",
        "60s (x2 over 23h)                        Node/                  ",
        "",
      ].join("\n"),
    );
  });

  test("as kubectl get events -o wide, of all namespaces", () => {
    expect(eventTable({ now, wide: true, allNamespaces: true })(rows)).toBe(
      [
        "NAMESPACE   LAST SEEN   TYPE      REASON     OBJECT                 SUBOBJECT              SOURCE            MESSAGE                                FIRST SEEN   COUNT   NAME",
        "prod        5m          Normal    Approval   deployment/ui-server                          ci-approver       Manually tested and approved           5m           1       ui-server.1",
        "prod        12m         Warning   BackOff    pod/ui-server-1        spec.containers{web}   kubelet, node-1   Back-off\\nrestarting ^[[31mweb\\u202e   20m          3       ui-server-1.2",
        "default     60s                              node                                          scheduler, s-1                                           23h          2       bare",
        "",
      ].join("\n"),
    );
  });

  test("in UTC, without heads", () => {
    expect(eventTable({ now, utc: true, noHeaders: true })(rows.slice(0, 1))).toBe(
      "2026-11-23T09:25:00Z   Normal   Approval   Deployment/ui-server   Manually tested and approved\n",
    );
    expect(eventTable({ now, utc: true, wide: true, noHeaders: true })(rows.slice(1, 2))).toBe(
      "2026-11-23T09:18:00Z   Warning   BackOff   pod/ui-server-1   spec.containers{web}   kubelet, node-1   Back-off\\nrestarting ^[[31mweb\\u202e   2026-11-23T09:10:00Z   3     ui-server-1.2\n",
    );
  });

  test("marks type and reason of warnings, and of types that others made up", () => {
    const typed = (type: string): EventRow => ({ event: sampleEvent({ type, reason: "R", message: "m" }) });
    const print = eventTable({ now, noHeaders: true, paint: (text) => `<${text}>` });
    expect(print(["Normal", "Warning", "Error", "normal", ""].map(typed))).toBe(
      [
        "<unknown>   Normal    R     Deployment/ui-server   m",
        "<unknown>   <Warning>   <R>     Deployment/ui-server   m",
        "<unknown>   <Error>     <R>     Deployment/ui-server   m",
        "<unknown>   normal    R     Deployment/ui-server   m",
        "<unknown>             R     Deployment/ui-server   m",
        "",
      ].join("\n"),
    );
  });

  test("follows: rows as they come, under one another, with what came on top", () => {
    const times = [now(), new Date("2026-11-23T09:31:00Z")];
    const print = eventTable({ now: () => times[0] ?? now(), follow: true });
    expect(print(rows.slice(0, 1))).toBe(
      [
        "LAST SEEN            TYPE      REASON              OBJECT                             MESSAGE",
        "5m                   Normal    Approval            Deployment/ui-server               Manually tested and approved",
        "",
      ].join("\n"),
    );
    times.shift();
    expect(print(rows.slice(1, 2).map(({ event }) => ({ event, added: 2 })))).toBe(
      "13m (+2, x3)         Warning   BackOff             Pod/ui-server-1                    Back-off\\nrestarting ^[[31mweb\\u202e\n",
    );
  });

  test("follows with -o wide", () => {
    expect(
      eventTable({ now, wide: true, noHeaders: true })(rows.slice(1, 2).map(({ event }) => ({ event, added: 1 }))),
    ).toBe(
      "12m (+1, x3)   Warning   BackOff   pod/ui-server-1   spec.containers{web}   kubelet, node-1   Back-off\\nrestarting ^[[31mweb\\u202e   20m   3     ui-server-1.2\n",
    );
  });
});
