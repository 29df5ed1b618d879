import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { eventName } from "../../src/events/event-name.ts";

const suffix = "tz4a98xxat96iws9zmbrgj3a";

describe("eventName", () => {
  test.each([
    ["ui-server", `ui-server.${suffix}`],
    ["system:node-proxier", `system-node-proxier.${suffix}`],
    ["Ünï_code", `n--code.${suffix}`],
    ["a..b.-c-.", `a.b.c.${suffix}`],
    ["::", suffix],
    ["x".repeat(300), `${"x".repeat(228)}.${suffix}`],
    [`${"x".repeat(227)}-yyy`, `${"x".repeat(227)}.${suffix}`],
  ])("%s", (object, expected) => {
    expect(eventName(object, suffix)).toBe(expected);
  });

  test("is a DNS-1123 subdomain of at most 253 characters whatever the object is called", () => {
    const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (object) => {
        const name = eventName(object, suffix);
        expect(name).toMatch(subdomain);
        expect(name.length).toBeLessThanOrEqual(253);
      }),
    );
  });
});
