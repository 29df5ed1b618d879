import { resolve } from "node:path";
import type { GateManifestsCommandOptions } from "../commands/gate-manifests.ts";
import { checkPair } from "../gate/check-pair.ts";
import { certificatesOf, checkServed } from "../gate/check-served.ts";
import { type GateCertificate, type IssuerReference, serviceHost } from "../gate/gate-certificate.ts";
import { gateManifests, type InClusterGate, type OutsideGate } from "../gate/gate-manifests.ts";
import { usageError } from "../util/errors.ts";
import { parseUrl } from "../util/parse-url.ts";
import { readNamedFile } from "../util/read-named-file.ts";
import type { Context } from "./context.ts";
import { gateRules } from "./gate-rules.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";
import { parseFixedPort } from "./parse-fixed-port.ts";
import { parseNames } from "./parse-names.ts";
import { parseNamespaceLabel } from "./parse-namespace-label.ts";
import { parseServiceName } from "./parse-service-name.ts";
import { parseWholeNumber } from "./parse-whole-number.ts";
import { podOptions } from "./pod-options.ts";
import { printManifests } from "./print-manifests.ts";

/** `kev gate manifests`: what `kubectl apply -f -` takes, or with `--uninstall` what `kubectl delete -f -` takes. */
export async function runGateManifests(options: GateManifestsCommandOptions, context: Context): Promise<number> {
  const objects = gateManifests(await (options.url === undefined ? inCluster : outside)(options, context));
  printManifests(objects, options.uninstall ?? false, context);
  return 0;
}

/** Flags that say nothing about a gate outside the cluster; its own command line does. */
const inClusterOnly = [
  "bind",
  "certManager",
  "certManagerIssuer",
  "cpuRequest",
  "ignoreRestarts",
  "image",
  "imagePullPolicy",
  "imagePullSecret",
  "memoryLimit",
  "memoryRequest",
  "nodeSelector",
  "port",
  "priorityClass",
  "replicas",
  "shutdownDelay",
  "tlsCertFile",
  "tlsPrivateKeyFile",
  "tlsSecret",
] as const satisfies readonly (keyof GateManifestsCommandOptions)[];

async function outside(options: GateManifestsCommandOptions, { cwd }: Context): Promise<OutsideGate> {
  const { url = "", caBundle, uninstall } = options;
  const other = inClusterOnly.find((key) => options[key] !== undefined);
  if (other !== undefined) {
    const flag = other.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usageError(`--${flag} is for a gate in the cluster, --url for one outside; only one of them can be given`);
  }
  const parsed = parseUrl(url);
  if (parsed?.protocol !== "https:") throw usageError(`"${url}" is no https:// URL; API servers ask no other`);
  if (parsed.username || parsed.password || parsed.search || parsed.hash) {
    throw usageError("an API server takes no user, query or fragment in --url");
  }
  if (caBundle === undefined && !uninstall) throw usageError('required flag(s) "ca-bundle" not set');
  const { name } = options;
  if (name !== undefined) parseServiceName("name", name);
  return {
    ...common(options),
    name,
    url,
    caBundle: caBundle === undefined ? "" : await readBundle(resolve(cwd, caBundle)),
  };
}

async function inCluster(options: GateManifestsCommandOptions, context: Context): Promise<InClusterGate> {
  const { name = "kev-gate", namespace = "kev-gate", tlsSecret, image, uninstall } = options;
  for (const [flag, value] of Object.entries({ name, namespace })) parseServiceName(flag, value);
  if (tlsSecret !== undefined) parseServiceName("tls-secret", tlsSecret);
  if (!image && !uninstall) {
    throw usageError('required flag(s) "image" not set', {
      hint: "make one with docs/Dockerfile; for a gate that runs outside the cluster, give --url",
    });
  }
  const { shutdownDelay, replicas, port } = options;
  return {
    ...common(options),
    ...gateRules(options),
    ...podOptions(options),
    name,
    namespace: options.namespace,
    secretName: tlsSecret,
    certificate: await certificateOf(options, serviceHost({ name, namespace }), context),
    createNamespace: options.createNamespace,
    replicas: replicas === undefined ? undefined : parseWholeNumber("replicas", replicas),
    port: port === undefined ? undefined : parseFixedPort(port),
    shutdownDelaySeconds: shutdownDelay === undefined ? undefined : seconds("shutdown-delay", shutdownDelay, 0, 600),
  };
}

function common(options: GateManifestsCommandOptions) {
  const { trust, policy, excludeNamespace, webhookTimeout } = options;
  return {
    trust,
    policyName: gateRules(options).policyName,
    // Commander says true where neither --policy nor --no-policy is given.
    policy: policy === false ? false : undefined,
    namespaceLabel: parseNamespaceLabel(options.namespaceLabel),
    excludedNamespaces: parseNames("exclude-namespace", excludeNamespace),
    timeoutSeconds: webhookTimeout === undefined ? undefined : seconds("webhook-timeout", webhookTimeout, 1, 30),
  };
}

async function certificateOf(
  options: GateManifestsCommandOptions,
  host: string,
  { cwd, clock }: Context,
): Promise<GateCertificate> {
  const { certManager, certManagerIssuer, tlsCertFile, tlsPrivateKeyFile, caBundle: bundleFile } = options;
  if (certManager || certManagerIssuer !== undefined) {
    if (bundleFile ?? tlsCertFile ?? tlsPrivateKeyFile) {
      throw usageError("cert-manager makes the certificate and its key: give it no files");
    }
    return { certManager: { issuer: certManagerIssuer === undefined ? undefined : issuerOf(certManagerIssuer) } };
  }
  if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined)) {
    throw usageError("--tls-cert-file and --tls-private-key-file go together");
  }
  if (options.uninstall)
    return { caBundle: "", ...(tlsCertFile !== undefined && { pair: { certificate: "", key: "" } }) };
  if (bundleFile === undefined) {
    throw usageError("it is not said where the gate's certificate comes from", {
      hint: "give --cert-manager, or --ca-bundle FILE with --tls-cert-file FILE and --tls-private-key-file FILE",
    });
  }
  const caBundle = await readBundle(resolve(cwd, bundleFile));
  if (tlsCertFile === undefined || tlsPrivateKeyFile === undefined) return { caBundle };
  const [certificate, key] = await Promise.all([
    readNamedFile(resolve(cwd, tlsCertFile)),
    readNamedFile(resolve(cwd, tlsPrivateKeyFile)),
  ]);
  checkPair({ cert: certificate, key }, `${tlsCertFile} and ${tlsPrivateKeyFile}`);
  checkServed({ certificate, caBundle, host, now: clock.now(), file: tlsCertFile });
  return { caBundle, pair: { certificate, key } };
}

function issuerOf(text: string): IssuerReference {
  const [, kind, name] = /^(?:(Issuer|ClusterIssuer)\/)?([^/]+)$/.exec(text) ?? [];
  if (name !== undefined) return { kind: kind === "ClusterIssuer" ? kind : "Issuer", name };
  throw usageError(`invalid argument "${text}" for "--cert-manager-issuer" flag: it is NAME or ClusterIssuer/NAME`);
}

async function readBundle(file: string): Promise<string> {
  const text = await readNamedFile(file);
  certificatesOf(text, file);
  return text;
}

function seconds(flag: string, text: string, least: number, most: number): number {
  const value = parseDurationFlag(flag, text) / 1_000;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usageError(`invalid argument "${text}" for "--${flag}" flag: it is whole seconds, ${least}s to ${most}s`);
}
