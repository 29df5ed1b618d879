import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClusterAccess, type ClusterLocation, clusterAccess } from "../control-plane/cluster-access.ts";
import { writeCredentials } from "../control-plane/credentials.ts";
import { compact, isEtcdHealthy } from "../control-plane/etcd.ts";
import { freePort } from "../control-plane/free-port.ts";
import { requirePrograms } from "../control-plane/programs.ts";
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  type ServerSettings,
} from "../control-plane/server-flags.ts";
import { type ServerProcess, startServerProcess } from "../control-plane/server-process.ts";
import { startWatchdog } from "../control-plane/watchdog.ts";

export type { ClusterAccess, CommandResult, KubectlOptions } from "../control-plane/cluster-access.ts";

export interface ControlPlaneOptions {
  /** How long events live, as a Go duration (`5s`; etcd makes it at least 2 s). Default: the server's, 1 h. */
  eventTtl?: string;
  /** More flags of kube-apiserver; they win over those of the control plane. */
  apiServerFlags?: readonly string[];
  /** Likewise, of kube-controller-manager. */
  controllerManagerFlags?: readonly string[];
  /** An empty folder that exists and is kept. Default: a temporary one, removed in the end. */
  dir?: string;
  /** False leaves kube-controller-manager out: no ReplicaSets, no service accounts. Default true. */
  controllers?: boolean;
}

/** A real control plane that this process started, and that ends with it, however it ends. */
export interface ControlPlane extends ClusterAccess {
  /** Process ids of all that runs, the watchdog's included. */
  readonly pids: readonly number[];
  /** Ends the API server at once: open watches break, connections are refused. */
  killApiServer(): Promise<void>;
  /** Starts it again on the same port and data; ready when resolved. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /**
   * Makes etcd forget its history; returns the revision. A watch of events from an older resourceVersion gets a 410 at once
   * (the API server has no watch cache for them); for other types only after a restart of the API server.
   */
  compactEtcd(): Promise<string>;
  /** Lets it outlive this process; returns the shell command that ends it. */
  detach(): Promise<string>;
  /** Ends every process and removes the temporary folder. */
  stop(): Promise<void>;
}

/** Starts etcd, kube-apiserver and kube-controller-manager on free ports of 127.0.0.1; ready in about 10 s. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = requirePrograms(process.env);
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "kev-control-plane-")));
  const ownDir = options.dir === undefined ? dir : "";
  const settings: ServerSettings = {
    dir,
    etcdPort: await freePort(),
    etcdPeerPort: await freePort(),
    apiServerPort: await freePort(),
    eventTtl: options.eventTtl,
    apiServerFlags: options.apiServerFlags,
    controllerManagerFlags: options.controllerManagerFlags,
  };
  const server = `https://127.0.0.1:${settings.apiServerPort}`;
  const access = clusterAccess({ dir, server, kubectlPath: programs.kubectl });
  const watchdog = startWatchdog(ownDir);
  const processes = new Map<string, ServerProcess>();
  const start = (name: string, path: string, args: readonly string[]): ServerProcess => {
    const started = startServerProcess({ name, path, args, dir, watchdog });
    processes.set(name, started);
    return started;
  };

  const running = (): number[] => [...processes.values()].filter((process) => process.running).map(({ pid }) => pid);
  let watched = true;

  const startApiServer = async (): Promise<void> => {
    if (processes.get("kube-apiserver")?.running) throw new Error("The API server is already running");
    const apiServer = start("kube-apiserver", programs.kubeApiserver, apiServerFlags(settings));
    await apiServer.waitUntil("being ready", () => answersOk(`${server}/readyz`, access.caFile));
  };
  const killApiServer = async (): Promise<void> => processes.get("kube-apiserver")?.kill();
  const stop = async (): Promise<void> => {
    await Promise.all([...processes.values()].map((process) => process.kill()));
    if (watched) await watchdog.disarm();
    watched = false;
    if (ownDir !== "") await rm(ownDir, { recursive: true, force: true });
  };

  try {
    const etcd = start("etcd", programs.etcd, etcdFlags(settings));
    await writeCredentials(dir, server);
    await etcd.waitUntil("being healthy", () => isEtcdHealthy(settings.etcdPort));
    await startApiServer();
    if (options.controllers !== false) {
      const manager = start(
        "kube-controller-manager",
        programs.kubeControllerManager,
        controllerManagerFlags(settings),
      );
      // Made by one of its controllers, in a namespace that the API server makes: the sign that both are at work.
      await manager.waitUntil("making the first service account", async () => {
        return (await access.kubectl("get", "serviceaccount", "default", "-n", "default")).code === 0;
      });
    }
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    ...access,
    get pids() {
      return watched ? [...running(), watchdog.pid] : running();
    },
    killApiServer,
    startApiServer,
    async restartApiServer() {
      await killApiServer();
      await startApiServer();
    },
    compactEtcd: () => compact(settings.etcdPort),
    async detach() {
      watched = false;
      await watchdog.disarm();
      return `kill -9 ${running().join(" ")}${ownDir === "" ? "" : `; sleep 1; rm -rf ${ownDir}`}`;
    },
    stop,
  };
}

async function answersOk(url: string, caFile: string): Promise<boolean> {
  const ca = await readFile(caFile);
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer in 2 s")));
    sent.on("error", reject).end();
  });
}

const variable = "KEV_TEST_CONTROL_PLANE";

/** Makes a control plane that of the whole test run: {@link sharedControlPlane} finds it, in other processes too. */
export function shareControlPlane({ dir, server, kubectlPath }: ClusterLocation): void {
  process.env[variable] = JSON.stringify({ dir, server, kubectlPath });
}

/** The one control plane of the test run. All tests use it at once: keep to a namespace of your own. */
export function sharedControlPlane(): ClusterAccess {
  const location = process.env[variable];
  if (!location) {
    throw new Error(`${variable} is not set: only tests of the jest project "server" have a shared control plane`);
  }
  return clusterAccess(JSON.parse(location) as ClusterLocation);
}

/** Makes a namespace `PREFIX-…` on the shared control plane, its service account `default` included. */
export async function uniqueNamespace(prefix: string, cluster: ClusterAccess = sharedControlPlane()): Promise<string> {
  const namespace = `${prefix}-${randomBytes(4).toString("hex")}`;
  for (const args of [
    ["create", "namespace", namespace],
    ["wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=30s"],
  ]) {
    const { code, stderr } = await cluster.kubectl(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
  }
  return namespace;
}
