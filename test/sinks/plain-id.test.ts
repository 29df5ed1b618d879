import { expect, test } from "@jest/globals";
import { plainId } from "../../src/sinks/plain-id.ts";

test("plainId keeps what Kubernetes makes of ids readable", () => {
  expect(plainId("3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711")).toBe("3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10.4711");
});

test.each(["a/b/1", "a.b/1", "ä/1", `${"a".repeat(600)}/1`])("plainId hashes all else: %j", (id) => {
  expect(plainId(id)).toMatch(/^[0-9a-f]{64}$/);
});

test("plainId keeps different ids apart", () => {
  expect(new Set(["a/1", "a.1", "a/b/1", "a/b.1"].map(plainId)).size).toBe(4);
});
