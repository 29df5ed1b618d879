import { describe, expect, test } from "@jest/globals";
import { buildEvent, checkContent, type EventContent } from "../../src/events/build-event.ts";

const content: EventContent = {
  reason: "Approval",
  type: "Normal",
  message: "Manually tested and approved",
  component: "ci-approver",
  instance: "laptop",
};
const involvedObject = { apiVersion: "apps/v1", kind: "Deployment", name: "ui-server", namespace: "prod", uid: "u" };
const at = new Date("2026-11-23T09:30:00.789Z");

describe("buildEvent", () => {
  test("the event of the talk", () => {
    expect(buildEvent(content, { name: "ui-server.abc", involvedObject, at })).toEqual({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "ui-server.abc", namespace: "prod" },
      involvedObject,
      reason: "Approval",
      message: "Manually tested and approved",
      type: "Normal",
      source: { component: "ci-approver", host: "laptop" },
      reportingComponent: "ci-approver",
      reportingInstance: "laptop",
      firstTimestamp: "2026-11-23T09:30:00Z",
      lastTimestamp: "2026-11-23T09:30:00Z",
      count: 1,
    });
  });

  test("an event about a cluster-scoped object lives in default", () => {
    const node = { apiVersion: "v1", kind: "Node", name: "worker-3", uid: "n" };
    const event = buildEvent(
      { ...content, action: "Drain", labels: { a: "b" }, annotations: { c: "d" } },
      { name: "worker-3.abc", involvedObject: node, related: involvedObject, at },
    );
    expect(event.metadata).toEqual({
      name: "worker-3.abc",
      namespace: "default",
      labels: { a: "b" },
      annotations: { c: "d" },
    });
    expect(event.involvedObject).toEqual(node);
    expect(event).toMatchObject({ action: "Drain", related: involvedObject });
  });
});

describe("checkContent", () => {
  test("cuts a long message only when asked", () => {
    const long = { ...content, message: "x".repeat(1025) };
    expect(() => checkContent(long)).toThrow("message is 1025 bytes long, the limit is 1024");
    expect(checkContent(long, true).message).toBe(`${"x".repeat(1021)}…`);
  });

  test.each<[Partial<EventContent>, string]>([
    [{ reason: "approval" }, 'reason "approval" is not UpperCamelCase'],
    [{ reason: "" }, 'reason "" is not UpperCamelCase'],
    [{ reason: "R".repeat(129) }, "reason is 129 bytes long, the limit is 128"],
    [{ type: "Error" as never }, 'type is "Error"; it must be Normal or Warning'],
    [{ component: "my ci" }, 'component "my ci" is not a qualified name'],
    [{ component: "" }, 'component "" is not a qualified name'],
    [{ instance: "i".repeat(129) }, "reportingInstance is 129 bytes long, the limit is 128"],
    [{ action: "a".repeat(129) }, "action is 129 bytes long, the limit is 128"],
    [{ labels: { "a b": "c" } }, 'label key "a b" is not a qualified name'],
    [
      { labels: { a: "b c" } },
      `label a has the value "b c"; a label value has at most 63 letters, digits, '-', '_' or '.'`,
    ],
    [{ annotations: { "a/b/c": "" } }, 'annotation key "a/b/c" is not a qualified name'],
  ])("%j", (wrong, message) => {
    expect(() => checkContent({ ...content, ...wrong })).toThrow(message);
  });
});
