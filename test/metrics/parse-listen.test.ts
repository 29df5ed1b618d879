import { expect, test } from "@jest/globals";
import { listenText, parseListen } from "../../src/metrics/parse-listen.ts";

test.each([
  [":9102", { host: undefined, port: 9102 }],
  ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ["[::1]:9102", { host: "::1", port: 9102 }],
  ["localhost:65535", { host: "localhost", port: 65_535 }],
])("%s is an address, and printed as it is typed", (text, address) => {
  expect(parseListen(text)).toEqual(address);
  expect(listenText(address)).toBe(text);
});

test("none is no address", () => {
  expect(parseListen("none")).toBeUndefined();
});

test.each(["", "9102", ":", ":65536", ":-1", "::1:9102", "[::1]", "http://localhost:9102", "a b:1", ":9102 "])(
  "%j is wrong usage",
  (text) => {
    expect(() => parseListen(text)).toThrow(
      `invalid argument "${text}" for "--listen" flag: it is [ADDRESS]:PORT, like :9102, or none`,
    );
  },
);
