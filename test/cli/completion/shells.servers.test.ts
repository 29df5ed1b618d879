import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { needProgram } from "../../servers/need-program.ts";
import { createFolder, type Folder } from "../../support/kubeconfig-folder.ts";
import { runCommand } from "../../support/run-command.ts";
import { complete, openTerminal, type Terminal } from "../../support/shell-terminal.ts";

// bash is tested with a cluster, in test/e2e; what others make of the same replies needs none.
jest.setTimeout(120_000);

const root = join(import.meta.dirname, "../../..");
const hostile = "evil$(touch PWNED)`touch PWNED` '\"";

let folder: Folder;
let env: Record<string, string>;
beforeEach(async () => {
  if (!existsSync(join(root, "dist/cli/run.js"))) throw new Error('dist/cli is not built: run "npm run build" first');
  folder = await createFolder();
  await mkdir(folder.at("bin"));
  await symlink(join(root, "bin/kev.js"), folder.at("bin/kev"));
  await writeFile(folder.at("my routes.yaml"), "");
  await mkdir(folder.at("cache"));
  const context = { cluster: "c", user: "u" };
  const kubeconfig = await folder.write("kubeconfig", {
    contexts: [
      { name: hostile, context },
      { name: "user@east:prod", context },
    ],
  });
  env = {
    PATH: [folder.at("bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
    ...{ HOME: folder.path, KUBECONFIG: kubeconfig, LC_ALL: "C.UTF-8" },
  };
});
afterEach(() => folder.remove());

describe("in zsh", () => {
  let terminal: Terminal | undefined;
  afterEach(() => terminal?.close());

  async function zsh(load: string): Promise<Terminal> {
    const shell = `${needProgram("zsh", "apt-get install zsh")} -f -i`;
    terminal = openTerminal(shell, { ...env, PS1: "$ ", PROMPT_EOL_MARK: "" }, folder.path);
    await terminal.shows("$ ");
    terminal.type(`autoload -Uz compinit; ${load}; PS1='> '\r`);
    await terminal.shows("> ");
    return terminal;
  }

  test.each([
    ["sourced", "compinit -u -D; source <(kev completion zsh)"],
    ["as a file of $fpath", "mkdir f; kev completion zsh >f/_kev; fpath=($PWD/f $fpath); compinit -u -D"],
  ])("%s: words, flags, values and files go on", async (_name, load) => {
    const shell = await zsh(load);
    await complete(shell, [
      ["kev em", "kev emit "],
      ["appr", "kev emit approve "],
      ["--type=W", "kev emit approve --type=Warning "],
      ["--dry-r", "kev emit approve --type=Warning --dry-run="],
      ["s", "kev emit approve --type=Warning --dry-run=server "],
      ["--conte", "kev emit approve --type=Warning --dry-run=server --context "],
      ["us", "kev emit approve --type=Warning --dry-run=server --context user@east:prod "],
    ]);
    shell.type("\u0003");
    await shell.shows("> ");
    await complete(shell, [
      ["kev route check -f my", "kev route check -f my\\ routes.yaml "],
      ["--cache-dir=c", "kev route check -f my\\ routes.yaml --cache-dir=cache/"],
    ]);
  });

  test("a name that is a command for the shell is only a name", async () => {
    const shell = await zsh("compinit -u -D; source <(kev completion zsh)");
    await complete(shell, [
      ["kev --context ev", "kev --context evil\\$\\(touch\\ PWNED\\)\\`touch\\ PWNED\\`\\ \\'\\\" "],
    ]);
    shell.type("\u0001echo \r");
    await shell.shows("> ");
    expect(shell.screen).toContain(`\nkev --context ${hostile}\r\n`);
    expect(existsSync(folder.at("PWNED"))).toBe(false);
  });
});

describe("in fish", () => {
  const fish = (script: string) =>
    runCommand(
      needProgram("fish", "apt-get install fish"),
      ["--no-config", "-c", `kev completion fish | source; ${script}`],
      { env, cwd: folder.path },
    );

  test.each([
    ["kev em", "emit\tcreate an event on objects\n"],
    ["kev emit appr", "approve\tthis release may roll out\n"],
    ["kev emit 'appr", "approve\tthis release may roll out\n"],
    ["kev emit --type=W", "--type=Warning\n"],
    [
      "kev emit --dry-r",
      "--dry-run=\tnone, client (send nothing) or server (check there, store nothing); without a value: client\n",
    ],
    ["kev --context us", "user@east:prod\tcluster c\n"],
    ["kev route check -f my", "my routes.yaml\n"],
    ["kev route check --filename=my", "--filename=my routes.yaml\n"],
    ["kev --cache-dir c", "cache/\n"],
    ["kev emit -m ", ""],
    // Nothing that is typed is run.
    ["kev emit -m (touch PWNED) appr", "approve\tthis release may roll out\n"],
  ])("%s", async (line, stdout) => {
    const result = await fish(`complete -C ${JSON.stringify(line)}`);
    expect(result).toEqual({ code: 0, stdout, stderr: "" });
    expect(existsSync(folder.at("PWNED"))).toBe(false);
  });

  test("a name that is a command for the shell is only a name", async () => {
    const { stdout } = await fish("complete -C 'kev --context ev'");
    expect(stdout).toBe(`${hostile}\tcluster c\n`);
    expect(existsSync(folder.at("PWNED"))).toBe(false);
  });
});
