import { describe, expect, test } from "@jest/globals";
import { errorOfAnswer, excerpt, parseRetryAfter } from "../../src/sinks/http-answer.ts";

const now = Date.parse("2026-11-23T09:30:00Z");
const url = new URL("https://example.com:8443/s3cret?token=s3cret");

function errorOf(status: number, body = "", headers: Record<string, string> = {}) {
  return errorOfAnswer({ status, headers, body, isCut: false }, url, now);
}

describe("an answer outside 2xx", () => {
  test.each([400, 406, 411, 413, 414, 415, 417, 422, 431])(
    "of %d speaks of what was sent: refused for good",
    (status) => {
      expect(errorOf(status).retriable).toBe(false);
    },
  );

  test.each([
    301, 302, 304, 401, 402, 403, 404, 405, 407, 408, 409, 410, 412, 421, 423, 425, 429, 500, 501, 502, 503, 504, 505,
    520,
  ])("of %d may be mended while the router runs: tried again", (status) => {
    expect(errorOf(status).retriable).toBe(true);
  });

  test.each([
    [500, "", "https://example.com:8443 answered HTTP 500"],
    [503, " <html>\n  broken ", "https://example.com:8443 answered HTTP 503: <html> broken"],
    [308, "", "https://example.com:8443 answered HTTP 308, a redirect, which kev does not follow"],
  ])("of %d is told with its beginning and no more of the address than its origin", (status, body, message) => {
    expect(errorOf(status, body).message).toBe(message);
  });

  test("asks to wait", () => {
    expect(errorOf(429, "", { "retry-after": "7" }).retryAfter).toBe(7_000);
    expect(errorOf(503).retryAfter).toBeUndefined();
  });
});

test.each([
  [undefined, undefined],
  ["0", 0],
  ["120", 120_000],
  ["0.5", 500],
  ["Mon, 23 Nov 2026 09:30:30 GMT", 30_000],
  ["Mon, 23 Nov 2026 09:00:00 GMT", 0],
  ["soon", undefined],
  ["-5x", undefined],
])("Retry-After: %s", (header, milliseconds) => {
  expect(parseRetryAfter(header, now)).toBe(milliseconds);
});

test("an excerpt is one line of at most 200 characters", () => {
  expect(excerpt(` a\r\n\tb ${"c".repeat(300)}`)).toBe(`a b ${"c".repeat(195)}…`);
  expect(excerpt("c".repeat(200))).toBe("c".repeat(200));
});
