import { access, constants } from "node:fs/promises";
import { KevError, usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import type { ExecPlugin, KubeconfigCluster, KubeconfigUser } from "./kubeconfig.ts";
import { proxyProblem } from "./proxy.ts";
import type { Selection } from "./select-context.ts";
import { withoutCredentials } from "./server-url.ts";

/**
 * Refuses what contradicts itself or names files that cannot be read, with kubectl's texts
 * (client-go tools/clientcmd/validation.go and transport/transport.go).
 *
 * @throws KevError (usage); several problems are one error of several lines
 */
export async function checkSelection(selection: Selection): Promise<void> {
  const problems = [
    ...(await userProblems(selection.userName, selection.user)),
    ...(await clusterProblems(selection.clusterName, selection.cluster)),
  ];
  if (problems.length === 1) throw usageError(problems[0] ?? "");
  if (problems.length > 1) {
    throw new KevError("usage", `\n${problems.map((problem) => `* ${problem}`).join("\n")}`, {
      prefix: "Error in configuration: ",
    });
  }
}

/** What only matters once credentials and certificates are used: on https. */
export function checkSecureSelection({ cluster, user }: Selection): void {
  if (cluster.insecureSkipTlsVerify && (cluster.certificateAuthority || cluster.certificateAuthorityData)) {
    throw usageError("specifying a root certificates file with the insecure flag is not allowed");
  }
  if (user.username && user.tokenFile) {
    throw usageError("username/password or bearer token may be set, but not both");
  }
}

async function clusterProblems(name: string, cluster: KubeconfigCluster): Promise<string[]> {
  const problems: string[] = [];
  if (cluster.proxyUrl) {
    const problem = proxyProblem(cluster.proxyUrl);
    if (problem)
      problems.push(`invalid 'proxy-url' "${withoutCredentials(cluster.proxyUrl)}" for cluster "${name}": ${problem}`);
  }
  if (cluster.certificateAuthority && cluster.certificateAuthorityData) {
    problems.push(
      `certificate-authority-data and certificate-authority are both specified for ${name}. ` +
        "certificate-authority-data will override.",
    );
  }
  return [...problems, ...(await fileProblems("certificate-authority", cluster.certificateAuthority, name))];
}

async function userProblems(name: string, user: KubeconfigUser): Promise<string[]> {
  const problems: string[] = [];
  if (user.clientCertificate || user.clientCertificateData) {
    if (user.clientCertificate && user.clientCertificateData) {
      problems.push(`client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`);
    }
    if (user.clientKey && user.clientKeyData) {
      problems.push(`client-key-data and client-key are both specified for ${name}; client-key-data will override`);
    }
    if (!user.clientKey && !user.clientKeyData) {
      problems.push(
        `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
      );
    }
    problems.push(...(await fileProblems("client-cert", user.clientCertificate, name)));
    problems.push(...(await fileProblems("client-key", user.clientKey, name)));
  }
  if (user.exec) problems.push(...execProblems(name, user.exec, user.authProvider !== undefined));
  if (user.token && (user.username || user.password)) {
    problems.push(
      `more than one authentication method found for ${name}; found [token basicAuth], only one is allowed`,
    );
  }
  if (!user.as && (user.asUid || user.asGroups.length > 0 || Object.keys(user.asUserExtra).length > 0)) {
    problems.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
  }
  return problems;
}

function execProblems(name: string, plugin: ExecPlugin, hasAuthProvider: boolean): string[] {
  const must = (field: string) => `${field} must be specified for ${name} to use exec authentication plugin`;
  const problems: string[] = [];
  if (hasAuthProvider) {
    problems.push(`authProvider cannot be provided in combination with an exec plugin for ${name}`);
  }
  if (!plugin.command) problems.push(must("command"));
  if (!plugin.apiVersion) problems.push(must("apiVersion"));
  if (plugin.env.some((variable) => variable.name === "")) problems.push(must("env variable name"));
  if (!plugin.interactiveMode) problems.push(must("interactiveMode"));
  else if (!["Never", "IfAvailable", "Always"].includes(plugin.interactiveMode)) {
    problems.push(`invalid interactiveMode for ${name}: "${plugin.interactiveMode}"`);
  }
  return problems;
}

async function fileProblems(what: string, path: string, name: string): Promise<string[]> {
  if (!path) return [];
  try {
    await access(path, constants.R_OK);
    return [];
  } catch (error) {
    return [`unable to read ${what} ${path} for ${name} due to ${fileErrorText("open", path, error)}`];
  }
}
