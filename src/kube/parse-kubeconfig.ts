import { sep } from "node:path";
import { CORE_SCHEMA, load, mergeTag, YAMLException } from "js-yaml";
import { KevError, usageError } from "../util/errors.ts";
import {
  type AuthProvider,
  type ExecPlugin,
  emptyKubeconfig,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
} from "./kubeconfig.ts";
import {
  base64Field,
  type Fields,
  fieldsOf,
  flagField,
  listField,
  mappingField,
  textField,
  textListField,
} from "./yaml-fields.ts";

const schema = CORE_SCHEMA.withTags(mergeTag);
const execExtension = "client.authentication.k8s.io/exec";

/**
 * Reads one kubeconfig, YAML or JSON. Unknown fields are ignored, as by kubectl, and so is all that follows its first
 * document.
 *
 * @param text the file's content; empty is an empty kubeconfig
 * @param file its path, for messages
 * @param resolve makes a path inside the file absolute
 * @throws KevError (usage) `error loading config file "FILE": …`
 */
export function parseKubeconfig(text: string, file: string, resolve: (path: string) => string): Kubeconfig {
  try {
    if (text.replace(/^\s*#.*$/gm, "").trim() === "") return emptyKubeconfig;
    return readDocument(fieldsOf(load(firstDocument(text), { schema }), ""), file, resolve);
  } catch (error) {
    throw usageError(`error loading config file "${file}": ${reasonOf(error)}`, {
      cause: withoutSecrets(error),
    });
  }
}

function firstDocument(text: string): string {
  const lines = text.split("\n");
  let hasBegun = false;
  for (const [index, line] of lines.entries()) {
    const isMarker = /^(?:---|\.\.\.)(?:\s|$)/.test(line);
    if (isMarker && hasBegun) return lines.slice(0, index).join("\n");
    // Comments and directives may come before it.
    hasBegun ||= isMarker || !/^\s*(?:[#%]|$)/.test(line);
  }
  return text;
}

// The mistake that is made most, in the words of kubectl's YAML.
const goReasons: Readonly<Record<string, string>> = {
  "tab characters must not be used in indentation": "found a tab character that violates indentation",
};

function reasonOf(error: unknown): string {
  if (error instanceof YAMLException) {
    const reason = goReasons[error.reason] ?? error.reason;
    return `yaml: ${error.mark === undefined ? "" : `line ${error.mark.line + 1}: `}${reason}`;
  }
  if (error instanceof KevError) return error.message;
  throw error;
}

// A YAMLException quotes the lines around the mistake, and those may hold a token.
function withoutSecrets(error: unknown): unknown {
  return error instanceof YAMLException ? undefined : error;
}

function readDocument(fields: Fields, file: string, resolve: (path: string) => string): Kubeconfig {
  const apiVersion = textField(fields, "apiVersion") || "v1";
  const kind = textField(fields, "kind") || "Config";
  if (apiVersion !== "v1" || kind !== "Config") {
    throw usageError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  }
  return {
    currentContext: textField(fields, "current-context"),
    clusters: named(fields, "clusters", "cluster", (cluster) => readCluster(cluster, resolve)),
    users: named(fields, "users", "user", (user) => readUser(user, file, resolve)),
    contexts: named(fields, "contexts", "context", readContext),
  };
}

function named<T>(fields: Fields, list: string, member: string, read: (fields: Fields) => T): Map<string, T> {
  const result = new Map<string, T>();
  for (const { at, value } of listField(fields, list)) {
    const item = fieldsOf(value, at);
    const name = textField(item, "name");
    if (result.has(name)) throw usageError(`duplicate name "${name}" in ${list}`);
    result.set(name, read(mappingField(item, member)));
  }
  return result;
}

function readCluster(fields: Fields, resolve: (path: string) => string): KubeconfigCluster {
  const extension = listField(fields, "extensions")
    .map(({ at, value }) => fieldsOf(value, at))
    .find((item) => textField(item, "name") === execExtension);
  return {
    server: textField(fields, "server"),
    tlsServerName: textField(fields, "tls-server-name"),
    insecureSkipTlsVerify: flagField(fields, "insecure-skip-tls-verify"),
    certificateAuthority: resolved(textField(fields, "certificate-authority"), resolve),
    certificateAuthorityData: base64Field(fields, "certificate-authority-data"),
    proxyUrl: textField(fields, "proxy-url"),
    disableCompression: flagField(fields, "disable-compression"),
    execExtension: extension?.values.extension,
  };
}

function readContext(fields: Fields): KubeconfigContext {
  return {
    cluster: textField(fields, "cluster"),
    user: textField(fields, "user"),
    namespace: textField(fields, "namespace"),
  };
}

function readUser(fields: Fields, file: string, resolve: (path: string) => string): KubeconfigUser {
  const extras = mappingField(fields, "as-user-extra");
  return {
    clientCertificate: resolved(textField(fields, "client-certificate"), resolve),
    clientCertificateData: base64Field(fields, "client-certificate-data"),
    clientKey: resolved(textField(fields, "client-key"), resolve),
    clientKeyData: base64Field(fields, "client-key-data"),
    token: textField(fields, "token"),
    tokenFile: resolved(textField(fields, "tokenFile"), resolve),
    username: textField(fields, "username"),
    password: textField(fields, "password"),
    as: textField(fields, "as"),
    asUid: textField(fields, "as-uid"),
    asGroups: textListField(fields, "as-groups"),
    asUserExtra: Object.fromEntries(Object.keys(extras.values).map((key) => [key, textListField(extras, key)])),
    authProvider: isMissing(fields.values["auth-provider"])
      ? undefined
      : readAuthProvider(mappingField(fields, "auth-provider"), file),
    exec: isMissing(fields.values.exec) ? undefined : readExecPlugin(mappingField(fields, "exec"), resolve),
  };
}

function readAuthProvider(fields: Fields, file: string): AuthProvider {
  const config = mappingField(fields, "config");
  return {
    name: textField(fields, "name"),
    config: Object.fromEntries(Object.keys(config.values).map((key) => [key, textField(config, key)])),
    file,
  };
}

/** Reads `users[].user.exec`. `interactiveMode` defaults to IfAvailable for every API version but v1, which must set it. */
export function readExecPlugin(fields: Fields, resolve: (path: string) => string): ExecPlugin {
  const apiVersion = textField(fields, "apiVersion");
  const command = textField(fields, "command");
  const old = /^client\.authentication\.k8s\.io\/v1(?:alpha|beta)1$/.test(apiVersion);
  return {
    apiVersion,
    command: command.includes(sep) ? resolve(command) : command,
    args: textListField(fields, "args"),
    env: listField(fields, "env").map(({ at, value }) => {
      const item = fieldsOf(value, at);
      return { name: textField(item, "name"), value: textField(item, "value") };
    }),
    installHint: textField(fields, "installHint"),
    provideClusterInfo: flagField(fields, "provideClusterInfo"),
    interactiveMode: textField(fields, "interactiveMode") || (old ? "IfAvailable" : ""),
  };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function resolved(path: string, resolve: (path: string) => string): string {
  return path === "" ? "" : resolve(path);
}
