import { expect, test } from "@jest/globals";
import { UnreachableError } from "../../../src/kube/unreachable-error.ts";
import { failureReason } from "../../../src/route/delivery/failure-reason.ts";
import { SendError } from "../../../src/sinks/send-error.ts";
import { KevError } from "../../../src/util/errors.ts";

const coded = (code: string) => Object.assign(new Error("no"), { code });
const send = (cause?: unknown, retriable = true) => new SendError("not taken", { retriable, cause });

test.each([
  ["throttled", new SendError("busy", { retriable: true, retryAfter: 0 })],
  ["timeout", send(new DOMException("late", "TimeoutError"))],
  ["timeout", send(new TypeError("fetch failed", { cause: coded("UND_ERR_HEADERS_TIMEOUT") }))],
  ["timeout", new UnreachableError("timeout", "i/o timeout")],
  ["unreachable", send(new TypeError("fetch failed", { cause: coded("ECONNREFUSED") }))],
  ["unreachable", new UnreachableError("cut", "EOF")],
  ["refused", send(undefined, false)],
  ["refused", new KevError("refused", "forbidden")],
  ["failed", send(new Error("HTTP 500"))],
  ["failed", send("a text")],
] as const)("%s: %s", (reason, error) => {
  expect(failureReason(error)).toBe(reason);
});
