import { describe, expect, test } from "@jest/globals";
import { commandPath, withSubcommands } from "../../src/cli/command-tree.ts";
import { main } from "../../src/cli/main.ts";
import { createProgram } from "../../src/cli/program.ts";
import { collectOutput, fakeContext } from "../support/fake-context.ts";
import { golden } from "../support/golden.ts";
import { parseArgv } from "../support/parse-argv.ts";
import { shellWords } from "../support/shell-words.ts";

describe("help pages", () => {
  test.each([
    { argv: ["--help"], file: "kev--help.txt" },
    { argv: ["help", "emit"], file: "kev-help-emit.txt" },
    { argv: ["help", "events"], file: "kev-help-events.txt" },
    { argv: ["help", "wait"], file: "kev-help-wait.txt" },
    { argv: ["help", "gate"], file: "kev-help-gate.txt" },
    { argv: ["help", "gate", "serve"], file: "kev-help-gate-serve.txt" },
    { argv: ["help", "gate", "manifests"], file: "kev-help-gate-manifests.txt" },
    { argv: ["help", "gate", "status"], file: "kev-help-gate-status.txt" },
    { argv: ["help", "route"], file: "kev-help-route.txt" },
    { argv: ["help", "route", "check"], file: "kev-help-route-check.txt" },
    { argv: ["help", "route", "test"], file: "kev-help-route-test.txt" },
    { argv: ["help", "route", "convert"], file: "kev-help-route-convert.txt" },
    { argv: ["help", "route", "sinks"], file: "kev-help-route-sinks.txt" },
    { argv: ["help", "route", "manifests"], file: "kev-help-route-manifests.txt" },
    { argv: ["help", "probe"], file: "kev-help-probe.txt" },
    { argv: ["help", "probe", "manifests"], file: "kev-help-probe-manifests.txt" },
    { argv: ["help", "run"], file: "kev-help-run.txt" },
    { argv: ["help", "track"], file: "kev-help-track.txt" },
    { argv: ["help", "track", "manifests"], file: "kev-help-track-manifests.txt" },
    { argv: ["help", "presets"], file: "kev-help-presets.txt" },
    { argv: ["help", "version"], file: "kev-help-version.txt" },
    { argv: ["help", "completion"], file: "kev-help-completion.txt" },
    { argv: ["help", "help"], file: "kev-help-help.txt" },
    { argv: ["options"], file: "kev-options.txt" },
    { argv: ["help", "exit-codes"], file: "kev-help-exit-codes.txt" },
  ])("kev $argv", async ({ argv, file }) => {
    const page = await output(argv);

    expect(page).toBe(golden(file, page));
  });

  test("are the same however they are asked for", async () => {
    const page = await output(["--help"]);

    expect(await output([])).toBe(page);
    expect(await output(["-h"])).toBe(page);
    expect(await output(["help"])).toBe(page);
    expect(await output(["emit", "--help"])).toBe(await output(["help", "emit"]));
    expect(await output(["emit", "approve", "ui-server", "-h"])).toBe(await output(["help", "emit"]));
  });

  test.each([[["--help"]], [["help", "emit"]]])("%j fits a terminal of 100 columns", async (argv) => {
    const stdout = collectOutput({ isTTY: true, columns: 100 });
    await main(argv, fakeContext({ stdout }));
    const tooLong = stdout.text.split("\n").filter((line) => line.length > 100 && !line.startsWith("  kev "));

    expect(stdout.text).toContain("Use ");
    expect(tooLong).toEqual([]);
  });

  test("of an unknown topic are wrong usage", async () => {
    const context = fakeContext();

    expect(await main(["help", "emitt"], context)).toBe(2);
    expect(context.stderr.text).toBe("error: unknown help topic \"emitt\"\nhint: run 'kev --help' for the commands\n");
  });
});

describe("every command", () => {
  const commands = withSubcommands(createProgram({ run: async () => undefined })).slice(1);

  test.each(commands.map((command) => ({ name: commandPath(command), command })))(
    "$name has a summary, a description, and examples that parse",
    async ({ name, command }) => {
      const page = await output(["help", ...name.split(" ")]);
      const examples = examplesOf(page);

      expect(command.summary()).toMatch(/^[a-z].*[^.]$/);
      expect(command.description()).toMatch(/^[A-Z][\s\S]*\.$/);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(await commandOf(example)).toMatch(new RegExp(`^${name}( |$)`));
    },
  );

  test.each(commands.map((command) => ({ name: commandPath(command), command })))(
    "$name describes its flags in words without a full stop",
    ({ command }) => {
      for (const { description } of command.options) expect(description).toMatch(/^\w.*[^.]$/);
    },
  );
});

async function output(argv: string[]): Promise<string> {
  const context = fakeContext();
  const exitCode = await main(argv, context);
  expect({ exitCode, stderr: context.stderr.text }).toEqual({ exitCode: 0, stderr: "" });
  return context.stdout.text;
}

/** The command lines below `Examples:`, without what is piped into them, or where they are piped. */
function examplesOf(page: string): string[] {
  const [, section = ""] = page.split("\nExamples:\n");
  return section
    .split("\n")
    .flatMap((line) => /^ {2}(?:[^#].*\| )?(kev .*?)(?: \| kubectl .*| > \S+)?$/.exec(line)?.[1] ?? []);
}

async function commandOf(example: string): Promise<string> {
  const [, ...argv] = shellWords(example);
  return (await parseArgv(argv)).command;
}
