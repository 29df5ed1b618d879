import { expect, test } from "@jest/globals";
import { rawHeaders } from "../../src/kube/raw-headers.ts";

test.each([
  ["the host before all others", { Accept: "a/b" }, ["Host", "x:1", "Accept", "a/b"]],
  ["a header for each of several values", { Group: ["a", "b"] }, ["Host", "x:1", "Group", "a", "Group", "b"]],
  ["another host where one is given", { host: "y" }, ["host", "y"]],
  [
    "of names that differ in case the last",
    { "user-agent": "a", "User-Agent": "b" },
    ["Host", "x:1", "User-Agent", "b"],
  ],
])("%s", (_what, headers, raw) => {
  expect(rawHeaders("x:1", headers)).toEqual(raw);
});
