import { describe, expect, test } from "@jest/globals";
import { runRoute } from "../../src/cli/run-route.ts";
import { fakeContext } from "../support/fake-context.ts";

describe("kev route", () => {
  test.each([
    [{ namespace: "" }, "namespace may not be empty"],
    [{ namespace: "../x" }, "invalid namespace \"../x\": [may not contain '/']"],
    [{ namespace: "a", allNamespaces: true }, "--all-namespaces and --namespace cannot be used together"],
    [{ state: "" }, 'invalid argument "" for "--state" flag: it is a file, postgres://… or none'],
    [{ state: "redis://h" }, 'invalid argument "redis://…" for "--state" flag: it is a file, postgres://… or none'],
    [{ eventTtl: "0" }, 'invalid argument "0" for "--event-ttl" flag: it is how long events live'],
    [{ listen: "9102" }, 'invalid argument "9102" for "--listen" flag: it is [ADDRESS]:PORT, like :9102, or none'],
    [{ filename: "none.yaml" }, "open none.yaml: no such file or directory"],
  ])("says what is wrong with %j before it connects", async (options, message) => {
    await expect(runRoute(options, fakeContext())).rejects.toMatchObject({ kind: "usage", message });
  });
});
