import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../control-plane/free-port.ts";
import { type ServerProcess, startServerProcess } from "../control-plane/server-process.ts";
import { startWatchdog } from "../control-plane/watchdog.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { runCommand } from "../support/run-command.ts";
import { gateCertificate } from "../support/running-gate.ts";
import { installed } from "./installed.ts";

/** Two webhooks beside a control plane, both as the same service account. */
export interface GatePrograms {
  /** The installed `kev gate serve`, on Node 24. */
  readonly gate: string;
  /** The talk's webhook. */
  readonly talk: string;
  /** Of the service account. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

// A service account, not the administrator: the API server's priorities and fairness hold for it as for a gate in a pod.
const account = "kev-gate";
const namespace = "kev-system";
const rights = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${account}}
rules:
- {apiGroups: [""], resources: [events], verbs: [get, list, watch, create]}
- {apiGroups: [""], resources: [namespaces], verbs: [get, list, watch]}
- {apiGroups: [apps], resources: [deployments], verbs: [get, list]}
- {apiGroups: [apps], resources: [deployments/status], verbs: [patch]}
- {apiGroups: [apps], resources: [replicasets], verbs: [list]}
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingadmissionpolicies, validatingadmissionpolicybindings]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${account}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${account}}
subjects: [{kind: ServiceAccount, name: ${account}, namespace: ${namespace}}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${account}, namespace: ${namespace}}
`;

/** Starts both, and installs kev's: policy and webhook. They end with this process, however it ends. */
export async function startGatePrograms(controlPlane: ControlPlane): Promise<GatePrograms> {
  const { dir, caFile } = controlPlane;
  await controlPlane.kubectl("create", "namespace", namespace);
  await controlPlane.apply(rights, namespace);
  const kubeconfig = await controlPlane.kubeconfigWith({ token: await controlPlane.tokenFor(account, namespace) });
  const tls = await gateCertificate(controlPlane);
  const [, cert = "", , key = ""] = tls;
  const { kev, node24 } = await installed(controlPlane);
  const watchdog = startWatchdog();
  const started: ServerProcess[] = [];
  const start = async (name: string, { command, args }: { command: string; args: readonly string[] }) => {
    const process = startServerProcess({ name, path: command, args, dir, watchdog });
    started.push(process);
    let log = "";
    await process.waitUntil("listening", async () => {
      log = await readFile(process.logFile, "utf8");
      return log.includes("listening");
    });
    return log;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((process) => process.kill()));
    await watchdog.disarm();
  };
  try {
    const serve = ["gate", "serve", "--address", "127.0.0.1", "--port", "0", "--kubeconfig", kubeconfig, ...tls];
    const log = await start("gate", kev(node24, ...serve));
    const gate = `https://localhost:${/"listening" port=(\d+)/.exec(log)?.[1]}/`;
    const port = String(await freePort());
    const talkWebhook = join(import.meta.dirname, "talk-webhook.ts");
    const { command } = kev(node24);
    await start("talk-webhook", { command, args: [talkWebhook, port, cert, key, kubeconfig] });
    const manifests = kev(node24, "gate", "manifests", "--url", gate, "--ca-bundle", caFile);
    const { stdout, stderr } = await runCommand(manifests.command, manifests.args, { env: manifests.env, cwd: dir });
    if (stdout === "") throw new Error(`kev gate manifests printed nothing: ${stderr}`);
    await controlPlane.apply(stdout);
    return { gate, talk: `https://localhost:${port}/`, kubeconfig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
