import { expect, test } from "@jest/globals";
import { imageChanges } from "../../src/events/image-changes.ts";

test.each([
  [
    "a new image",
    "ui=nginx:1.27,proxy=envoy:1",
    "ui=nginx:1.28,proxy=envoy:1",
    "ui=nginx:1.27 → nginx:1.28, proxy=envoy:1",
  ],
  ["a container more", "ui=nginx", "ui=nginx,log=fluent", "ui=nginx, log=none → fluent"],
  ["a container less", "ui=nginx,log=fluent", "ui=nginx", "ui=nginx, log=fluent → none"],
  ["the first release", undefined, "ui=nginx@sha256:a=b", "ui=nginx@sha256:a=b"],
  ["no containers", "", "", ""],
])("%s", (_, running, wanted, shown) => {
  expect(imageChanges(running, wanted)).toBe(shown);
});
