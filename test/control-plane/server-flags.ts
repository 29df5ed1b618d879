import { join } from "node:path";
import { credentialFiles as files } from "./credentials.ts";

/** What tells one control plane from another. */
export interface ServerSettings {
  dir: string;
  etcdPort: number;
  etcdPeerPort: number;
  apiServerPort: number;
  /** A Go duration, as in `5s`; default the server's own, 1 h. etcd makes it at least 2 s. */
  eventTtl?: string | undefined;
  /** They come last, so they win. */
  apiServerFlags?: readonly string[] | undefined;
  controllerManagerFlags?: readonly string[] | undefined;
}

export function etcdFlags({ dir, etcdPort, etcdPeerPort }: ServerSettings): string[] {
  const client = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${etcdPeerPort}`;
  return [
    `--data-dir=${join(dir, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The data need not outlive the test, and fsync is most of etcd's time.
    "--unsafe-no-fsync",
  ];
}

export function apiServerFlags({ dir, etcdPort, apiServerPort, eventTtl, ...more }: ServerSettings): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${apiServerPort}`,
    // Its own guess needs a default route, and loopback is not allowed as the endpoint of a Service.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--cert-dir=${dir}`,
    `--tls-cert-file=${join(dir, files.serverCertificate)}`,
    `--tls-private-key-file=${join(dir, files.serverKey)}`,
    `--client-ca-file=${join(dir, files.authority)}`,
    `--service-account-key-file=${join(dir, files.serviceAccountPublicKey)}`,
    `--service-account-signing-key-file=${join(dir, files.serviceAccountPrivateKey)}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.0.0.0/24",
    // Pods may be created before their namespace's service account is.
    "--disable-admission-plugins=ServiceAccount",
    ...(eventTtl === undefined ? [] : [`--event-ttl=${eventTtl}`]),
    ...(more.apiServerFlags ?? []),
  ];
}

const controllers = [
  "deployment-controller",
  "replicaset-controller",
  "namespace-controller",
  "serviceaccount-controller",
  "garbage-collector-controller",
  // Without it the roles edit, admin and view have no rules.
  "clusterrole-aggregation-controller",
];

export function controllerManagerFlags({ dir, ...more }: ServerSettings): string[] {
  const admin = join(dir, files.adminKubeconfig);
  return [
    `--kubeconfig=${join(dir, files.controllerManagerKubeconfig)}`,
    // The administrator's: its own user may not read the config map of request-header authentication.
    `--authentication-kubeconfig=${admin}`,
    `--authorization-kubeconfig=${admin}`,
    `--service-account-private-key-file=${join(dir, files.serviceAccountPrivateKey)}`,
    `--root-ca-file=${join(dir, files.authority)}`,
    // Else its own user would need the rights of every controller.
    "--use-service-account-credentials=true",
    "--leader-elect=false",
    // It serves nothing that a test needs, so it needs no port.
    "--secure-port=0",
    `--controllers=${controllers.join(",")}`,
    ...(more.controllerManagerFlags ?? []),
  ];
}
