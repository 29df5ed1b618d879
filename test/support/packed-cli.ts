import { mkdir, mkdtemp, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type ClusterAccess, sharedControlPlane } from "./control-plane.ts";
import { type CommandResult, type RunningCommand, runCommand, startCommand } from "./run-command.ts";

const root = join(import.meta.dirname, "../..");

/** A Node that users run the CLI on; `bin` is the folder of its program `node`. */
export interface NodeVersion {
  name: string;
  bin: string;
}

/** The oldest Node that the CLI supports, and the newest. */
export const nodeVersions: readonly NodeVersion[] = [
  { name: "Node 20", bin: join(root, "node_modules/node20/bin") },
  { name: "Node 24", bin: join(root, "node_modules/node/bin") },
];

/** The folder with the one installation of the test run: it lives and ends with the control plane's. */
export function installationFolder({ dir }: Pick<ClusterAccess, "dir"> = sharedControlPlane()): string {
  return join(dir, "kev");
}

/**
 * Packs the package and installs it in an empty folder, as a user does: `npm pack`, `npm install`. dist/ must be built.
 * What npm has downloaded before it takes from its cache; the rest, the first time, from the registry.
 */
export async function installPackedCli(cluster: Pick<ClusterAccess, "dir">): Promise<void> {
  const folder = installationFolder(cluster);
  await mkdir(folder);
  const env = Object.fromEntries(Object.entries(process.env).filter(isForNpm));
  const npm = async (cwd: string, ...args: string[]): Promise<void> => {
    const { code, stderr } = await runCommand("npm", args, { cwd, env });
    if (code !== 0) throw new Error(`npm ${args.join(" ")} ended with ${code}: ${stderr}`);
  };
  // Without scripts: prepack would build again, under the feet of tests that read dist/.
  await npm(root, "pack", "--ignore-scripts", "--pack-destination", folder);
  const [tarball = ""] = await readdir(folder);
  await npm(folder, "install", "--prefix", folder, "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`);
}

// The npm_… variables of the npm that runs the tests speak of this repository; only how a registry is reached is kept.
function isForNpm(entry: [string, string | undefined]): entry is [string, string] {
  const [name, value] = entry;
  const isOfNpm = /^(npm_|INIT_CWD$)/i.test(name);
  return (
    value !== undefined && (!isOfNpm || /^npm_config_(\w*registry|ca|cafile|cache|\w*config|\w*proxy)$/i.test(name))
  );
}

export interface KevOptions {
  stdin?: string;
  /** On top of PATH, HOME and KUBECONFIG; an empty text takes one of them away. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

/** The installed kev, for one user at one prompt. */
export interface Kev {
  /** A folder of its own, empty at first: where it runs; `home` in it is its HOME. */
  readonly folder: string;
  /** The environment that it runs in. */
  readonly env: Readonly<Record<string, string>>;
  (...args: string[]): Promise<CommandResult>;
  with(options: KevOptions, ...args: string[]): Promise<CommandResult>;
  start(options: KevOptions, ...args: string[]): RunningCommand;
  /** A line of shell, with kev on its PATH. */
  shell(line: string): Promise<CommandResult>;
}

/** kev as installed, on this Node and with this kubeconfig, in a clean environment. */
export async function installedKev(node: NodeVersion, kubeconfig: string): Promise<Kev> {
  const base = installationFolder();
  const bin = join(base, "node_modules/.bin");
  const folder = await mkdtemp(join(base, "user-"));
  const home = join(folder, "home");
  await mkdir(home);
  const plain: Record<string, string> = {
    PATH: [node.bin, bin, process.env.PATH].join(delimiter),
    HOME: home,
    KUBECONFIG: kubeconfig,
    // Removed with the installation; Node's default is a folder that stays.
    NODE_COMPILE_CACHE: join(base, "compile-cache"),
  };
  const surroundings = ({ stdin, env, cwd = folder }: KevOptions) => ({ stdin, cwd, env: { ...plain, ...env } });
  const start: Kev["start"] = (options, ...args) => startCommand(join(bin, "kev"), args, surroundings(options));
  const run = (...args: string[]): Promise<CommandResult> => start({}, ...args).ended;
  return Object.assign(run, {
    folder,
    env: plain,
    start,
    with: (options: KevOptions, ...args: string[]) => start(options, ...args).ended,
    shell: (line: string) => runCommand("sh", ["-c", line], surroundings({})),
  });
}

/** What a command wrote with the last part of event names (a cuid2, or a key's digest) as `ID`, and `names` as their values. */
export function masked(
  { code, stdout, stderr }: CommandResult,
  names: Readonly<Record<string, string>> = {},
): CommandResult {
  const mask = (text: string): string => {
    let result = text.replaceAll(/(?<=\.)[a-z0-9]{24}\b/g, "ID");
    for (const [name, shown] of Object.entries(names)) result = result.replaceAll(name, shown);
    return result;
  };
  return { code, stdout: mask(stdout), stderr: mask(stderr) };
}
