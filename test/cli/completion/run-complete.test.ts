import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { main } from "../../../src/cli/main.ts";
import { fakeContext } from "../../support/fake-context.ts";
import { createFolder, type Folder } from "../../support/kubeconfig-folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

async function completed(argv: string[], env = {}) {
  // One that is asked for a connection fails: what completes here needs none.
  const context = fakeContext({ env, cwd: folder.path });
  const exitCode = await main(argv, context);
  expect({ exitCode, stderr: context.stderr.text }).toEqual({ exitCode: 0, stderr: "" });
  return context.stdout.text;
}

describe("kev __complete", () => {
  test("is about the words behind it, whatever they are", async () => {
    expect(await completed(["__complete", "--help", "--version", "emit", "appr"])).toBe(
      "approve\tthis release may roll out\n:4\n",
    );
    expect(await completed(["__complete", "emit", "--once=maybe", "-m"])).toBe(
      "-m\twhat happened, at most 1024 bytes; - reads it from stdin (default: the preset's)\n:4\n",
    );
  });

  test("knows the presets of the config file, and the others where that is broken", async () => {
    await folder.write(
      "kev.yaml",
      "presets:\n  smoke-tested: {reason: SmokeTested, description: smoke tests passed}\n",
    );
    expect(await completed(["__complete", "emit", "sm"])).toBe("smoke-tested\tsmoke tests passed\n:4\n");
    await folder.write("broken.yaml", "presets: 3\n");
    expect(await completed(["__complete", "--config", "broken.yaml", "emit", "appr"])).toContain("approve\t");
  });

  test("knows the contexts, clusters and users of the kubeconfig that the line names, else of the usual ones", async () => {
    const file = await folder.write("own", {
      contexts: [
        { name: "$(touch x)", context: { cluster: "a b", user: "u" } },
        { name: "evil\u001b[2J", context: { cluster: "a b", user: "u" } },
      ],
      clusters: [{ name: "a b", cluster: { server: "https://a" } }],
      users: [{ name: "u", user: {} }],
    });
    expect(await completed(["__complete", "--kubeconfig", file, "--context", ""])).toBe(
      "$(touch x)\tcluster a b\n:4\n",
    );
    expect(await completed(["__complete", "--user", ""], { KUBECONFIG: file })).toBe("u\n:4\n");
    expect(await completed(["__complete", "--kubeconfig", "/nowhere/at/all", "--cluster", ""])).toBe(":4\n");
    expect(await completed(["__complete-kubectl", "--context", ""], { KUBECONFIG: file })).toBe(":4\n");
    expect(await completed(["__complete-bash", 'kev --context "', "", "9", ""], { KUBECONFIG: file })).toBe(
      "nothing\n\\$(touch x)\n",
    );
  });

  test("offers what needs no cluster when there is none", async () => {
    expect(await completed(["__complete", "-n", ""])).toBe(":4\n");
    expect(await completed(["__complete", "emit", "approve", "deploym"])).toBe(
      "deployments/\tDeployment of apps\n:6\n",
    );
  });
});

describe("kev __complete-bash", () => {
  test.each([
    [["kev em", "em"], "nothing\nemit \n"],
    [["kev emit --type=W", "W"], "nothing\nWarning \n"],
    [["kev emit --type=W", "--type=W"], "nothing\n--type=Warning \n"],
    [["kev emit 'appr", "appr"], "nothing\napprove\n"],
    [["$KEV emit --label $A emit appr", "appr"], "nothing\n"],
    [["kev emit -f x", "x"], "files\n"],
    [["kev --cache-dir x", "x"], "folders\n"],
  ])("%j", async (words, reply) => {
    expect(await completed(["__complete-bash", ...words])).toBe(reply);
  });
});
