import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { needProgram } from "../servers/need-program.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, type NodeVersion, nodeVersions } from "../support/packed-cli.ts";
import { runCommand } from "../support/run-command.ts";
import { complete, openTerminal, type Terminal } from "../support/shell-terminal.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

const cluster = sharedControlPlane();
const hostile = "Evil$(touch PWNED)`touch PWNED`'\"";

interface Prompt {
  kev: Kev;
  namespace: string;
}

/** kev on a Node, and a namespace with things to complete in it. */
async function openPrompt(node: NodeVersion): Promise<Prompt> {
  const kev = await installedKev(node, cluster.adminKubeconfig);
  const namespace = await uniqueNamespace("completion");
  const objects = [
    ...["ui-client", "ui-server"].map(deployment),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" } },
    event("one", hostile, namespace),
    event("two", "Checked", namespace),
  ];
  await cluster.apply(objects.map((object) => JSON.stringify(object)).join("\n---\n"), namespace);
  return { kev, namespace };
}

const deployment = (name: string): object => {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "nginx" }] } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec };
};

const event = (name: string, reason: string, namespace: string): object => ({
  ...{ apiVersion: "v1", kind: "Event", metadata: { name }, reason, type: "Normal", message: "x" },
  involvedObject: { apiVersion: "v1", kind: "ConfigMap", name: "settings", namespace },
});

describe.each(nodeVersions)("completion on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  let group: string;

  beforeAll(async () => {
    ({ kev, namespace } = await openPrompt(node));
    group = `${namespace}.example.com`;
    const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } };
    const definition = {
      ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
      metadata: { name: `gears.${group}` },
      spec: {
        ...{ group, scope: "Namespaced", versions: [version] },
        names: { plural: "gears", singular: "gear", kind: "Gear" },
      },
    };
    await cluster.apply(JSON.stringify(definition));
    await cluster.must("wait", "--for=condition=Established", `crd/gears.${group}`, "--timeout=30s");
    await cluster.apply(`{apiVersion: ${group}/v1, kind: Gear, metadata: {name: first}}`, namespace);
  });
  afterAll(async () => {
    await cluster.must("delete", "crd", `gears.${group}`);
  });

  const completed = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await kev("__complete", ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  };

  test("names, types and reasons are those of the cluster, as far as the user may see them", async () => {
    expect(await completed("-n", namespace.slice(0, -2))).toBe(`${namespace}\n:4\n`);
    expect(await completed("emit", "-n", namespace, "approve", "")).toBe("ui-client\nui-server\n:4\n");
    expect(await completed("emit", "-n", namespace, "approve", "cm/se")).toBe("cm/settings\n:4\n");
    const type = `gears.${group}`;
    expect(await completed("emit", "-n", namespace, "approve", `${type}/`)).toBe(`${type}/first\n:4\n`);
    expect(await completed("wait", "-n", namespace, "--for", "Che")).toBe("Checked\n:4\n");
    const nobody = ["--as", "nobody", "-n", namespace];
    expect(await completed(...nobody, "emit", "approve", "ui")).toBe(":4\n");
    expect(await completed(...nobody, "-n", "")).toBe(":4\n");
    expect(await completed("-s", "https://127.0.0.1:1", "emit", "approve", "deployments/")).toBe(":4\n");
  });

  test("nobody is asked, nothing is shown and nothing is waited for", async () => {
    const plugin = (command: string, interactiveMode: string) => ({
      exec: {
        ...{ apiVersion: "client.authentication.k8s.io/v1", command: "sh", interactiveMode },
        args: ["-c", `echo "please log in" >&2; ${command}`],
      },
    });
    for (const user of [
      plugin("exec sleep 60", "Never"),
      plugin("read answer", "IfAvailable"),
      plugin("true", "Always"),
    ]) {
      expect(await completed("--kubeconfig", await cluster.kubeconfigWith(user), "-n", "")).toBe(":4\n");
    }
    const pipe = join(kev.folder, "pipe");
    await kev.shell(`mkfifo ${pipe}`);
    const { stdout, stderr } = await kev("__complete", "--kubeconfig", pipe, "-n", "");
    expect({ stdout, stderr }).toEqual({ stdout: ":4\n", stderr: "" });
  });

  test("kubectl kev and kubectl create event are kev, and kubectl completes the first", async () => {
    const kubectl = (...args: string[]) => runCommand(cluster.kubectlPath, args, { env: kev.env, cwd: kev.folder });
    for (const words of [
      ["kev", "emit"],
      ["create", "event"],
    ]) {
      expect(masked(await kubectl(...words, "tested", "ui-server", "-n", namespace))).toEqual({
        ...{ code: 0, stdout: "event/ui-server.ID created\n", stderr: "" },
      });
    }
    expect((await kubectl("kev", "--help")).stdout).toMatch(/^Usage: kubectl kev COMMAND \[flags\]\n/);
    expect((await kubectl("__complete", "kev", "emit", "approve", "-n", namespace, "")).stdout).toBe(
      "ui-client\nui-server\n:4\n",
    );
    expect((await kubectl("__complete", "kev", "emit", "--type=W")).stdout).toBe("Warning\n:4\n");
    // The reason that its script might evaluate is not offered.
    expect((await kubectl("__complete", "kev", "wait", "-n", namespace, "--for", "Ev")).stdout).toBe(":4\n");
    expect((await kubectl("__complete", "kev", "emit", "-f", "")).stdout).toBe(":0\n");
  });
});

describe("completion in bash", () => {
  let kev: Kev;
  let namespace: string;
  beforeAll(async () => {
    // Which Node it is does not matter to bash.
    ({ kev, namespace } = await openPrompt(nodeVersions.at(-1) as NodeVersion));
  });
  let terminal: Terminal | undefined;
  afterEach(() => terminal?.close());

  async function bash(): Promise<Terminal> {
    const shell = `${needProgram("bash", "apt-get install bash")} --norc --noprofile -i`;
    terminal = openTerminal(shell, { ...kev.env, PS1: "$ ", HISTFILE: "" }, kev.folder);
    await terminal.shows("$ ");
    terminal.type("source <(kev completion bash); PS1='> '\r");
    await terminal.shows("> ");
    return terminal;
  }

  test("words, flags, values and names go on, each with a space where it is whole", async () => {
    const line = `kev emit tested -n ${namespace} `;
    await complete(await bash(), [
      ["kev em", "kev emit "],
      ["teste", "kev emit tested "],
      [`-n ${namespace.slice(0, -2)}`, line],
      ["deplo", `${line}deployments/`],
      ["", `${line}deployments/ui-`],
      ["s", `${line}deployments/ui-server `],
      ["--type=W", `${line}deployments/ui-server --type=Warning `],
      ["--dry-r", `${line}deployments/ui-server --type=Warning --dry-run=`],
      ["s", `${line}deployments/ui-server --type=Warning --dry-run=server `],
    ]);
  });

  test("names with a colon, quotes, variables and files are taken for what they are", async () => {
    await writeFile(join(kev.folder, "my routes.yaml"), "");
    const shell = await bash();
    const role = "kev emit x clusterrole/system:aggregate-to-";
    await complete(shell, [[`${role}e`, `${role}edit `]]);
    shell.type("\u0003");
    await shell.shows("> ");
    shell.type(`export NS=${namespace}\r`);
    await shell.shows("> ");
    await complete(shell, [["kev emit tested -n $NS 'ui-s", "kev emit tested -n $NS 'ui-server'"]]);
    shell.type("\u0003");
    await shell.shows("> ");
    await complete(shell, [["kev route check -f my", "kev route check -f my\\ routes.yaml "]]);
  });

  test("a bash without compopt, as 3.2, completes files, too", async () => {
    await writeFile(join(kev.folder, "my routes.yaml"), "");
    const shell = await bash();
    shell.type("enable -n compopt\r");
    await shell.shows("> ");
    await complete(shell, [
      ["kev route check -f my", "kev route check -f my\\ routes.yaml"],
      [" --cache-dir ho", "kev route check -f my\\ routes.yaml --cache-dir home/"],
    ]);
  });

  test("a name that is a command for the shell is only a name", async () => {
    const shell = await bash();
    const line = `kev wait -n ${namespace} --for`;
    await complete(shell, [[`${line} Ev`, `${line} Evil\\$\\(touch\\ PWNED\\)\\\`touch\\ PWNED\\\`\\'\\" `]]);
    // Home, and what shows the words instead of running them.
    shell.type("\u0001echo \r");
    await shell.shows("> ");
    expect(shell.screen).toContain(`${line} ${hostile}\r\n`);
    await expect(access(join(kev.folder, "PWNED"))).rejects.toThrow("ENOENT");
  });

  test("two tabs show what there is, with descriptions", async () => {
    const shell = await bash();
    shell.type("kev gate \t\t");
    await shell.shows("> kev gate ");
    const list = `
manifests  (print what installs a gate)
serve      (answer the API server's reviews)
status     (show what waits for approval)
> kev gate `;
    await until(() => shell.screen.replaceAll("\r", "").replaceAll(/ +$/gm, "").endsWith(list.trimEnd()), 10_000);
  });
});
