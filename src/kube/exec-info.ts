import type { ClientConfig } from "./client-config.ts";

/** The cluster as a credential plug-in is told of it, in client-go's order of fields. */
export interface ExecCluster {
  server: string;
  "tls-server-name"?: string;
  "insecure-skip-tls-verify"?: boolean;
  /** Base64 of PEM. */
  "certificate-authority-data"?: string;
  "proxy-url"?: string;
  "disable-compression"?: boolean;
  config: unknown;
}

/**
 * The cluster part of KUBERNETES_EXEC_INFO. A proxy of the environment is not in it: the plug-in has that environment.
 *
 * @param authority PEM
 */
export function execCluster(config: ClientConfig, authority: string | undefined): ExecCluster {
  const { tls, auth, proxyUrl } = config;
  return {
    server: auth.exec?.address ?? config.server,
    ...(tls.serverName ? { "tls-server-name": tls.serverName } : {}),
    ...(tls.insecure ? { "insecure-skip-tls-verify": true } : {}),
    ...(authority ? { "certificate-authority-data": Buffer.from(authority).toString("base64") } : {}),
    ...(proxyUrl ? { "proxy-url": proxyUrl } : {}),
    ...(config.disableCompression ? { "disable-compression": true } : {}),
    config: auth.exec?.clusterExtension ?? null,
  };
}

/** The value of KUBERNETES_EXEC_INFO: an ExecCredential that holds the question. */
export function execInfo(apiVersion: string, interactive: boolean, cluster: ExecCluster | undefined): string {
  return JSON.stringify({ kind: "ExecCredential", apiVersion, spec: { ...(cluster ? { cluster } : {}), interactive } });
}
