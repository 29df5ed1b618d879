import { describe, expect, test } from "@jest/globals";
import type { Calling } from "../../src/cli/as-called.ts";
import { main } from "../../src/cli/main.ts";
import { fakeContext } from "../support/fake-context.ts";

const asKubectlKev: Calling = { own: "kev", typed: "kubectl kev" };
const asCreateEvent: Calling = { own: "kev emit", typed: "kubectl create event" };

async function run(calling: Calling, ...argv: string[]) {
  const context = fakeContext();
  const code = await main(argv, context, calling);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

describe("as kubectl kev", () => {
  test("help pages say so, and what only sounds like it stays", async () => {
    const { stdout } = await run(asKubectlKev, "help", "emit");
    expect(stdout.match(/^.*\bkev\b.*$/gm)?.filter((line) => !line.includes("kubectl kev "))).toEqual([
      expect.stringContaining("(default: the preset's, else kev)"),
      expect.stringContaining("(default: kev)"),
    ]);
    expect(stdout).toMatch(/^Usage: kubectl kev emit \(WHAT /);
    expect(stdout).toContain("\n  ./release-notes --json | kubectl kev emit --batch - -n prod\n");
    expect((await run(asKubectlKev)).stdout).toMatch(
      /^Usage: kubectl kev COMMAND \[flags\]\n[\s\S]*Use "kubectl kev help COMMAND"/,
    );
    expect((await run(asKubectlKev, "gate")).stdout).toMatch(/^Usage: kubectl kev gate COMMAND /);
  });

  test("errors and hints say so", async () => {
    expect(await run(asKubectlKev, "emti")).toEqual({
      ...{ code: 2, stdout: "" },
      stderr: 'error: unknown command "emti" for "kubectl kev"\nhint: did you mean emit?\n',
    });
    expect(await run(asKubectlKev, "emit")).toEqual({
      ...{ code: 2, stdout: "" },
      stderr: "error: missing WHAT\nhint: see 'kubectl kev emit --help' for help and examples\n",
    });
    expect((await run(asKubectlKev, "emit", "approve", "--zz")).stderr).toBe(
      "error: unknown flag: --zz\nhint: see 'kubectl kev emit --help' for help and examples\n",
    );
  });
});

test("as kubectl create event", async () => {
  const { stdout } = await run(asCreateEvent, "emit", "--help");
  expect(stdout).toMatch(/^Usage: kubectl create event \(WHAT /);
  expect(stdout).toContain("\n  kubectl create event approve ui-server -n prod\n");
  expect(stdout).toContain('("kev presets" lists them)');
  expect((await run(asCreateEvent, "emit")).stderr).toBe(
    "error: missing WHAT\nhint: see 'kubectl create event --help' for help and examples\n",
  );
});
