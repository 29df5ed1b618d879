import { afterAll, beforeAll } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

/** A control plane that one test file has for itself, since it is killed, and a connection to it. */
export interface OwnCluster {
  readonly controlPlane: ControlPlane;
  readonly connection: StreamingConnection;
  /** Makes a namespace and returns the path of its events. */
  makeNamespace(name: string): Promise<string>;
  events(namespace: string): Promise<KubeEvent[]>;
}

/** Starts one before the tests of the file that calls this, without controllers, and ends it after them. */
export function ownCluster(): OwnCluster {
  let controlPlane: ControlPlane | undefined;
  let connection: StreamingConnection | undefined;
  beforeAll(async () => {
    controlPlane = await startControlPlane({ controllers: false });
    connection = await connect({ kubeconfig: controlPlane.adminKubeconfig, env: {} });
  });
  afterAll(async () => {
    connection?.close();
    await controlPlane?.stop();
  });
  const cluster: OwnCluster = {
    get controlPlane() {
      return started(controlPlane);
    },
    get connection() {
      return started(connection);
    },
    makeNamespace: async (name) => {
      await cluster.connection.request({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name } } });
      return `/api/v1/namespaces/${name}/events`;
    },
    events: async (namespace) => {
      const path = `/api/v1/namespaces/${namespace}/events`;
      return (await cluster.connection.request<{ items: KubeEvent[] }>({ path })).items;
    },
  };
  return cluster;
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("The control plane is there in tests and hooks only");
  return part;
}
