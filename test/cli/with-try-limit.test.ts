import { expect, test } from "@jest/globals";
import { withTryLimit } from "../../src/cli/with-try-limit.ts";

test.each([
  ["30 s by default", {}, undefined, "30s"],
  ["as long as all tries may take", {}, 45_500, "46s"],
  ["at least 10 s", {}, 0, "10s"],
  ["no longer than a server that is alive", {}, 600_000, "90s"],
  ["what was asked for", { requestTimeout: "0" }, 1_000, "0"],
])("a try takes %s", (_what, flags, retryTimeout, requestTimeout) => {
  expect(withTryLimit(flags, { retryTimeout })).toEqual({ requestTimeout });
});
