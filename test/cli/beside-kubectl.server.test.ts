import { beforeAll, describe, expect, test } from "@jest/globals";
import { customColumns } from "../../src/cli/custom-columns.ts";
import { type EventRow, eventTable } from "../../src/cli/event-table.ts";
import { growingTable } from "../../src/cli/growing-table.ts";
import { byLastSeen, bySortPath } from "../../src/cli/sort-events.ts";
import type { KubeEvent } from "../../src/events/event.ts";
import { compileFilters, type FilterTexts } from "../../src/events/filter.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { sampleEvent } from "../support/sample-event.ts";

const day = 86_400_000;
// Ages of ten days and more are printed in days: half a day off their bounds, they stay the same during the test.
const daysAgo = (days: number): string => new Date(Date.now() - (days + 0.5) * day).toISOString().replace(/\.\d+/, "");
const micro = (days: number): string => daysAgo(days).replace("Z", ".123456Z");

let namespace = "";
let events: KubeEvent[] = [];

beforeAll(async () => {
  namespace = await uniqueNamespace("beside-kubectl");
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", name: "ui-server", namespace };
  const pod = { apiVersion: "v1", kind: "Pod", name: "ui-server-1", namespace, fieldPath: "spec.containers{web}" };
  const scheduler = { source: {}, reportingComponent: "scheduler", reportingInstance: "s-1", action: "Binding" };
  const counted = (first: number, last: number, count: number) => ({
    firstTimestamp: daysAgo(first),
    lastTimestamp: daysAgo(last),
    count,
  });
  const written = [
    { ...counted(15, 15, 1), involvedObject: deployment },
    {
      ...counted(30, 20, 3),
      involvedObject: pod,
      reason: "BackOff",
      type: "Warning",
      source: { component: "kubelet", host: "node-1" },
      message: "  Back-off \u001b[31m restarting ",
    },
    { ...scheduler, eventTime: micro(50), series: { count: 7, lastObservedTime: micro(12) }, involvedObject: pod },
    { ...scheduler, eventTime: micro(17), involvedObject: deployment, reason: "a=b\\c" },
    { ...counted(25, 25, 12), involvedObject: deployment, type: "warning", message: "" },
  ].map((more, index) => ({ ...sampleEvent(more), metadata: { name: `e${index}`, namespace } }));
  const list = written.map((event) => ({ apiVersion: "v1", kind: "Event", ...event }));
  const { code, stderr } = await sharedControlPlane().kubectlWith(
    { stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items: list }) },
    "create",
    "-f",
    "-",
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  events = JSON.parse(await kubectl("get", "events", "-o", "json", "--show-managed-fields")).items;
});

async function kubectl(...args: string[]): Promise<string> {
  const { stdout, stderr } = await sharedControlPlane().kubectl(...args, "-n", namespace);
  return stderr + stdout;
}

const rowsOf = (list: readonly KubeEvent[]): EventRow[] => list.map((event) => ({ event }));
const now = (): Date => new Date();

describe("beside the real kubectl", () => {
  test("kubectl events", async () => {
    expect(eventTable({ now })(byLastSeen(rowsOf(events)))).toBe(await kubectl("events"));
  });

  test("kubectl get events -o wide", async () => {
    expect(eventTable({ now, wide: true })(rowsOf(events))).toBe(await kubectl("get", "events", "-o", "wide"));
  });

  test.each([".count", "metadata.name", "{reason}", ".lastTimestamp", ".metadata.resourceVersion"])(
    "--sort-by %s: the same values in the same order",
    async (path) => {
      const columns = `V:${path}`;
      const sorted = await kubectl("get", "events", "--sort-by", path, "-o", `custom-columns=${columns}`);
      expect(growingTable(customColumns(columns))(bySortPath(path)(rowsOf(events)).map(({ event }) => event))).toBe(
        sorted,
      );
    },
  );

  test("-o custom-columns", async () => {
    const columns = "Name:.metadata.name,C:{count},X:nope,S:.source,F:.metadata.managedFields[*].manager,T:.eventTime";
    expect(growingTable(customColumns(columns))(events)).toBe(
      await kubectl("get", "events", "-o", `custom-columns=${columns}`),
    );
  });

  test.each<FilterTexts>([
    { reason: ["a=b\\c"] },
    { reason: ["BackOff"] },
    { reason: ["!BackOff", "!Approval"] },
    { types: ["Warning"] },
    { types: ["!Warning"] },
    { component: ["scheduler"] },
    { component: ["!kubelet,!scheduler"] },
    { about: [{ kind: "Pod", name: "ui-server-1" }], types: ["Normal"] },
  ])("the server lets through all that %j matches", async (texts) => {
    const { matcher, fieldSelector = "" } = compileFilters(texts);
    const matching = events.filter(matcher);
    const selected: KubeEvent[] = JSON.parse(
      await kubectl("get", "events", "-o", "json", "--field-selector", fieldSelector),
    ).items;
    const names = (list: readonly KubeEvent[]) => list.map(({ metadata }) => metadata.name);
    expect(names(selected.filter(matcher))).toEqual(names(matching));
    expect(selected.length).toBeLessThan(events.length);
  });
});
