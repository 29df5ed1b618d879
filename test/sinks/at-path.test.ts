import { expect, test } from "@jest/globals";
import { atPath } from "../../src/sinks/at-path.ts";

test.each([
  ["http://h", "http://h/v1/logs"],
  ["http://h/", "http://h/v1/logs"],
  ["http://h/otlp/", "http://h/otlp/v1/logs"],
  ["http://h/v1/logs", "http://h/v1/logs"],
  ["http://h/v1/logs/", "http://h/v1/logs"],
  ["http://h/a?b=c", "http://h/a/v1/logs?b=c"],
])("atPath(%s)", (url, expected) => {
  expect(atPath(new URL(url), "/v1/logs").href).toBe(expected);
});
