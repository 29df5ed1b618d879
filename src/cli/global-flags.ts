import { type Command, Option } from "commander";
import type { ConnectOptions } from "../kube/connect-options.ts";
import { usageError } from "../util/errors.ts";
import { collect } from "./collect.ts";

/** The flags every command takes, as commander names them. kubectl's, with kubectl's meanings, and --config and --color. */
export interface GlobalFlags {
  as?: string;
  asGroup?: string[];
  asUid?: string;
  asUserExtra?: string[];
  cacheDir?: string;
  certificateAuthority?: string;
  clientCertificate?: string;
  clientKey?: string;
  cluster?: string;
  color?: "auto" | "always" | "never";
  config?: string;
  context?: string;
  disableCompression?: boolean;
  insecureSkipTlsVerify?: boolean;
  kubeconfig?: string;
  namespace?: string;
  requestTimeout?: string;
  server?: string;
  tlsServerName?: string;
  token?: string;
  user?: string;
  v?: number;
}

/** Declares the global flags on `program`. */
export function addGlobalFlags(program: Command): void {
  const flag = (flags: string, description: string): Command => program.option(flags, description);
  flag("--as <user>", "user to impersonate");
  program.option("--as-group <group>", "group to impersonate; may be repeated", collect);
  flag("--as-uid <uid>", "UID to impersonate");
  program.option("--as-user-extra <key=value>", "extra of the user to impersonate; may be repeated", collect);
  flag("--cache-dir <dir>", "folder for what is cached of discovery (default: $KUBECACHEDIR, $HOME/.kube/cache)");
  flag("--certificate-authority <file>", "certificate of the authority that signed the server's certificate");
  flag("--client-certificate <file>", "certificate that says who you are");
  flag("--client-key <file>", "private key of --client-certificate");
  flag("--cluster <name>", "kubeconfig cluster to use (default: the context's)");
  program.addOption(
    new Option(
      "--color <when>",
      "when to colour: auto, which is on a terminal, always or never (default: auto)",
    ).choices(["auto", "always", "never"]),
  );
  flag("--config <file>", "kev's config file (default: $KEV_CONFIG, ./kev.yaml, $XDG_CONFIG_HOME/kev/config.yaml)");
  flag("--context <name>", "kubeconfig context to use (default: the current context)");
  flag("--disable-compression", "ask the server for answers without compression");
  flag("--insecure-skip-tls-verify", "do not check the server's certificate; insecure");
  flag("--kubeconfig <file>", "kubeconfig file to use (default: $KUBECONFIG, $HOME/.kube/config)");
  flag("-n, --namespace <name>", "namespace of the objects (default: the context's, else default)");
  flag("--request-timeout <duration>", "how long one request may take, like 10s or 2m; 0 is no limit (default: 90s)");
  flag("-s, --server <url>", "address and port of the API server (default: the cluster's)");
  flag("--tls-server-name <name>", "name to look for in the server's certificate (default: the server's host name)");
  flag("--token <token>", "bearer token that says who you are");
  flag("--user <name>", "kubeconfig user to use (default: the context's)");
  program.addOption(
    new Option("-v, --v <level>", "from 6 on: a line on stderr for each request (default: 0)").argParser(level),
  );
}

function level(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "-v, --v" flag: it is a number`);
}

/** The part of the global flags that says which server, and as whom. */
export function connectOptions(flags: GlobalFlags): ConnectOptions {
  const { asGroup, asUserExtra, ...rest } = flags;
  const { as, asUid, certificateAuthority, clientCertificate, clientKey, cluster, context } = rest;
  const { disableCompression, insecureSkipTlsVerify, kubeconfig, namespace, requestTimeout, server } = rest;
  const { tlsServerName, token, user } = rest;
  const all: ConnectOptions = {
    as,
    asGroups: asGroup,
    asUid,
    asUserExtra,
    certificateAuthority,
    clientCertificate,
    clientKey,
    cluster,
    context,
    disableCompression,
    insecureSkipTlsVerify,
    kubeconfig,
    namespace,
    requestTimeout,
    server,
    tlsServerName,
    token,
    user,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as ConnectOptions;
}
