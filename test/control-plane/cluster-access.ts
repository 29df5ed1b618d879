import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Certificate, issueClientCertificate } from "../support/certificates.ts";

/** What locates a running control plane; plain data, so that it travels to other processes. */
export interface ClusterLocation {
  /** Folder of certificates, kubeconfigs and logs. */
  dir: string;
  /** `https://127.0.0.1:PORT` */
  server: string;
  kubectlPath: string;
}

/** How a program ended, and all that it wrote. */
export interface CommandResult {
  stdout: string;
  stderr: string;
  code: number;
}

export interface KubectlOptions {
  /** Default: nothing. */
  stdin?: string;
  /** Path; default: the administrator's. */
  kubeconfig?: string;
}

/** What tests may do with a running control plane, from any process of this machine. */
export interface ClusterAccess extends ClusterLocation {
  /** The certificate authority's certificate; its key is `ca-key.pem` beside it. */
  readonly caFile: string;
  /** Path of a kubeconfig of group system:masters. */
  readonly adminKubeconfig: string;
  /** Writes a kubeconfig (mode 0600) with a client certificate of this user and these groups; default namespace none. */
  kubeconfigFor(user: { user: string; groups?: readonly string[]; namespace?: string }): Promise<string>;
  /** A kubeconfig (mode 0600) with these fields of `user` in place of a client certificate. */
  kubeconfigWith(user: Readonly<Record<string, unknown>>, namespace?: string): Promise<string>;
  /** A token of one hour for a service account that exists. */
  tokenFor(serviceAccount: string, namespace: string): Promise<string>;
  /** Runs kubectl as the administrator; never throws for its exit code. */
  kubectl(...args: string[]): Promise<CommandResult>;
  kubectlWith(options: KubectlOptions, ...args: string[]): Promise<CommandResult>;
  /** What kubectl prints to the administrator; throws what it says when it fails. */
  must(...args: string[]): Promise<string>;
  /** `kubectl apply`; throws what kubectl said when it fails. Objects that name no namespace go to `namespace`. */
  apply(manifests: string, namespace?: string): Promise<void>;
}

export function clusterAccess({ dir, server, kubectlPath }: ClusterLocation): ClusterAccess {
  const caFile = join(dir, "ca.pem");
  const adminKubeconfig = join(dir, "admin.kubeconfig");
  const kubectlWith: ClusterAccess["kubectlWith"] = ({ stdin = "", kubeconfig = adminKubeconfig }, ...args) =>
    // HOME keeps kubectl's cache, and a kuberc of the user's, out of it.
    run(kubectlPath, args, stdin, { PATH: process.env.PATH, HOME: dir, KUBECONFIG: kubeconfig });
  const must = async (options: KubectlOptions, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectlWith(options, ...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
    return stdout;
  };
  const kubeconfigWith: ClusterAccess["kubeconfigWith"] = async (user, namespace) => {
    const file = join(dir, `user-${randomBytes(8).toString("hex")}.kubeconfig`);
    await writeKubeconfig(file, { server, caFile, user, namespace });
    return file;
  };

  return {
    dir,
    server,
    kubectlPath,
    caFile,
    adminKubeconfig,
    kubeconfigWith,
    async kubeconfigFor({ user, groups = [], namespace }) {
      const authority = await readAuthority(dir);
      return kubeconfigWith(certificateUser(await issueClientCertificate(authority, { user, groups })), namespace);
    },
    tokenFor: async (serviceAccount, namespace) =>
      (await must({}, "create", "token", serviceAccount, "-n", namespace)).trim(),
    kubectl: (...args) => kubectlWith({}, ...args),
    kubectlWith,
    must: (...args) => must({}, ...args),
    async apply(manifests, namespace = "default") {
      await must({ stdin: manifests }, "apply", "-n", namespace, "-f", "-");
    },
  };
}

/** The certificate authority of a control plane, from its folder. */
export async function readAuthority(dir: string): Promise<Certificate> {
  const [certificate, key] = await Promise.all([
    readFile(join(dir, "ca.pem"), "utf8"),
    readFile(join(dir, "ca-key.pem"), "utf8"),
  ]);
  return { certificate, key };
}

/** A kubeconfig's `user` with an embedded client certificate. */
export function certificateUser({ certificate, key }: Certificate): Record<string, string> {
  return {
    "client-certificate-data": Buffer.from(certificate).toString("base64"),
    "client-key-data": Buffer.from(key).toString("base64"),
  };
}

/** Writes a kubeconfig of one cluster, user and context, all named `kev-test`, for its owner only. */
export async function writeKubeconfig(
  file: string,
  options: { server: string; caFile: string; user: Readonly<Record<string, unknown>>; namespace?: string | undefined },
): Promise<void> {
  const { server, caFile, user, namespace } = options;
  const name = "kev-test";
  const authority = await readFile(caFile);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, "certificate-authority-data": authority.toString("base64") } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } }],
  };
  await writeFile(file, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
}

function run(path: string, args: readonly string[], stdin: string, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { env });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      // A shell's number for a program that a signal ended.
      resolve({ stdout, stderr, code: code ?? (signal === "SIGKILL" ? 137 : 143) });
    });
    // A program that ends without reading its input is no failure of ours.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}
