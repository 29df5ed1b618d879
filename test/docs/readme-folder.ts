import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { ClusterAccess } from "../support/control-plane.ts";
import { until } from "../support/until.ts";
import { interruption, type ShownCommand } from "./snippets.ts";

/** A reader's folder: where the README's files are saved and its commands typed. */
export interface ReadmeFolder {
  save(file: string, text: string): Promise<void>;
  /**
   * Types the commands, one after another, and returns each with its output, stderr in it. One whose shown output has the
   * line `^C` is interrupted when it has written as many lines as stand before that.
   */
  type(shown: readonly ShownCommand[]): Promise<ShownCommand[]>;
  /** Checks the types of the saved files as a user's project would; returns what the compiler complains about. */
  checkTypes(): Promise<string>;
  remove(): Promise<void>;
}

export interface ReadmeFolderOptions {
  /** What stands in the README, and what it is here. */
  replace?: readonly (readonly [shown: string, here: string])[];
  /** More of the environment. */
  env?: Readonly<Record<string, string>>;
  /** Resolves when a command may be interrupted, beside what it has to write. */
  beforeInterruption?: (command: string) => Promise<unknown>;
}

const root = join(import.meta.dirname, "../..");

/** Parts the output of one command from that of the next: ASCII's record separator. */
const separator = "\u001e";

/**
 * Makes a folder in which `kev` is the built CLI, `kubectl` the real one and `kev-events` the built library. The README's
 * namespace `prod` is `namespace`, which the test has for itself, and the machine it shows is called `laptop`.
 */
export async function createReadmeFolder(
  cluster: ClusterAccess,
  namespace: string,
  { replace = [], env: more = {}, beforeInterruption }: ReadmeFolderOptions = {},
): Promise<ReadmeFolder> {
  const dir = await mkdtemp(join(tmpdir(), "kev-readme-"));
  const [home, bin, modules] = [join(dir, "home"), join(dir, "bin"), join(dir, "work/node_modules")];
  const work = join(dir, "work");
  for (const folder of [home, bin, modules]) await mkdir(folder, { recursive: true });
  for (const name of ["kev", "kubectl-kev", "kubectl-create-event"]) {
    await symlink(join(root, `bin/${name}.js`), join(bin, name));
  }
  await symlink(cluster.kubectlPath, join(bin, "kubectl"));
  await symlink(root, join(modules, "kev-events"));
  for (const name of ["@kubernetes", "@types", "zod"]) {
    await symlink(join(root, "node_modules", name), join(modules, name));
  }
  await writeFile(join(work, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(work, "tsconfig.json"), JSON.stringify(tsconfig));

  const env = {
    PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: home,
    KUBECONFIG: cluster.adminKubeconfig,
    ...more,
  };
  const pairs = [...replace, ["/home/you", home]] as const;
  const here = (text: string): string =>
    pairs.reduce((changed, [from, to]) => changed.replaceAll(from, () => to), text.replaceAll(/\bprod\b/g, namespace));
  // A short host name may stand inside of an id.
  const host = new RegExp(`(?<![\\w-])${hostname().replaceAll(".", "\\.")}(?![\\w-])`, "g");
  const shown = (text: string): string =>
    pairs
      .reduce((changed, [to, from]) => changed.replaceAll(from, () => to), text)
      .replaceAll(namespace, "prod")
      .replaceAll(host, "laptop");
  const run = (file: string, args: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      // What a command ends with is for the README to show; only its output counts here.
      const child = execFile(file, args, { cwd: work, env }, (_error, stdout, stderr) => resolve(stdout + stderr));
      child.stdin?.end();
    });

  /** Into one shell, so that `$?` is what a reader has. */
  async function typeAll(commands: readonly string[]): Promise<ShownCommand[]> {
    const steps = commands.map((command) => `printf '\\036'\n(exit $status)\n${here(command)}\nstatus=$?\n`);
    const output = await run("sh", ["-c", `exec 2>&1\nstatus=0\n${steps.join("")}`]);
    const [before, ...outputs] = output.split(separator);
    if (before !== "" || outputs.length !== commands.length) throw new Error(`The shell ended early: ${output}`);
    return commands.map((command, index) => ({ command, output: endLine(shown(outputs[index] ?? "")) }));
  }

  async function interrupt({ command, output: wanted }: ShownCommand): Promise<ShownCommand> {
    const lines = wanted.split("\n").indexOf(interruption);
    const child = spawn("sh", ["-c", `exec 2>&1\n${here(command)}`], { cwd: work, env, detached: true });
    const { pid } = child;
    if (pid === undefined) throw new Error("There is no shell");
    let output = "";
    let hasEnded = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("close", () => {
      hasEnded = true;
    });
    let before = "";
    try {
      await until(() => hasEnded || output.split("\n").length > lines, 20_000);
      if (!hasEnded) await beforeInterruption?.(command);
    } finally {
      before = output;
      // As a terminal does: each program of the line.
      if (isThere(-pid)) process.kill(-pid, "SIGINT");
      await until(() => hasEnded && !isThere(-pid));
    }
    return { command, output: shown(`${endLine(before)}${interruption}\n${endLine(output.slice(before.length))}`) };
  }

  return {
    save: (file, text) => writeFile(join(work, file), here(text)),
    async type(commands) {
      const typed: ShownCommand[] = [];
      let together: string[] = [];
      for (const one of commands) {
        if (!isInterrupted(one)) {
          together.push(one.command);
          continue;
        }
        typed.push(...(await typeAll(together)), await interrupt(one));
        together = [];
      }
      return [...typed, ...(await typeAll(together))];
    },
    checkTypes: () => run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."]),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

const tsconfig = {
  compilerOptions: {
    target: "ES2023",
    module: "NodeNext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  },
  include: ["*.ts"],
};

function isInterrupted({ output }: ShownCommand): boolean {
  return output.split("\n").includes(interruption);
}

/** Whether a process, or one of a group, is there. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function endLine(output: string): string {
  return output === "" || output.endsWith("\n") ? output : `${output}\n`;
}
