import { readFile, stat } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { emptyCluster, emptyUser, type KubeconfigCluster, type KubeconfigUser } from "./kubeconfig.ts";

/** Where Kubernetes mounts a pod's own credentials. */
export const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The pod that kev runs in. */
export interface InCluster {
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
  /** `$POD_NAMESPACE`, else the service account's, else `default`. */
  readonly namespace: string;
}

/**
 * The cluster, credentials and namespace of the pod kev runs in; undefined outside of pods, that is without
 * `KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT` or the token file (client-go rest/config.go, InClusterConfig).
 *
 * @param dir the folder with `token`, `ca.crt` and `namespace`
 */
export async function findInCluster(
  env: Readonly<Record<string, string | undefined>>,
  dir: string = serviceAccountDir,
): Promise<InCluster | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = join(dir, "token");
  if (!host || !port || !(await isFile(tokenFile))) return undefined;
  const authority = join(dir, "ca.crt");
  return {
    cluster: {
      ...emptyCluster,
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      // client-go goes on without it, with the system's authorities.
      certificateAuthority: (await isFile(authority)) ? authority : "",
    },
    user: { ...emptyUser, tokenFile },
    namespace: env.POD_NAMESPACE || (await readTrimmed(join(dir, "namespace"))) || "default",
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function readTrimmed(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    return "";
  }
}
