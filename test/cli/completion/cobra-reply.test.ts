import { expect, test } from "@jest/globals";
import { cobraReply, kubectlReply } from "../../../src/cli/completion/cobra-reply.ts";
import { only, plain } from "../../../src/cli/completion/reply.ts";

test("candidates with their descriptions, and a directive", () => {
  expect(cobraReply(only([{ value: "approve", description: "may roll out" }, { value: "deployments/" }]))).toBe(
    "approve\tmay roll out\ndeployments/\n:4\n",
  );
  // Nothing but words that go on.
  expect(cobraReply(only(plain(["deployments/", "--dry-run="])))).toBe("deployments/\n--dry-run=\n:6\n");
  expect(cobraReply({ candidates: plain(["a"]), otherwise: "files" })).toBe("a\n:4\n");
  expect(cobraReply({ candidates: [], otherwise: "nothing" })).toBe(":4\n");
  expect(cobraReply({ candidates: [], otherwise: "files" })).toBe(":0\n");
  expect(cobraReply({ candidates: [], otherwise: "folders" })).toBe(":16\n");
});

test("kubectl gets nothing that its script might let the shell evaluate", () => {
  const values = ["$(touch x)", "`touch x`", "a b", "it's", "a;b", "~x", "!x", "system:node", "user@host", "größe"];
  expect(kubectlReply(only(plain(values)))).toBe("system:node\nuser@host\ngröße\n:4\n");
});
