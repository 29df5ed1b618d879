import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installationFolder, nodeVersions } from "../support/packed-cli.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

jest.setTimeout(120_000);

const cluster = sharedControlPlane();
const compiler = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");

// A program as users write it: client-node's KubeConfig for the way to the server, kev for the event.
const program = `
import { KubeConfig } from "@kubernetes/client-node";
import { ApiError, connect, emit, emitAll, type EmitOutcome, type KubeEvent, KevError, templateDigest } from "kev-events";

const [, , kubeconfig = "", namespace = ""] = process.argv;
const kubeConfig = new KubeConfig();
kubeConfig.loadFromFile(kubeconfig);
const connection = await connect({ kubeConfig, namespace });

const approval: KubeEvent = await emit(connection, { what: "approve", object: "ui-server" });
const byReference = { apiVersion: "apps/v1", kind: "Deployment", name: "ui-server" };
const migrated = await emit(connection, { what: "SchemaMigrated", object: byReference, message: "To 42", key: "42" });

const outcomes: EmitOutcome["outcome"][] = [];
for await (const { outcome } of emitAll(connection, { what: "Tested", objects: { args: ["ui-server", "other"] } })) {
  outcomes.push(outcome);
}

let refusal: unknown;
try {
  await emit(connection, { what: "approve", object: "deployment/nowhere" });
} catch (error) {
  if (!(error instanceof KevError)) throw error;
  refusal = [error instanceof ApiError && error.httpStatus, error.kind, error.exitCode, error.line, error.hint];
}
connection.close();
const digest: string = templateDigest({ spec: {} });
console.log(JSON.stringify({ approval, migrated, outcomes, refusal, digest }));
`;

// What a pod finds: two variables, and a folder with its token, the authority and its namespace.
const podProgram = `
import { connect, emit } from "kev-events";

const { SERVICE_ACCOUNT_DIR: serviceAccountDir = "" } = process.env;
const connection = await connect({ serviceAccountDir });
const { involvedObject, metadata } = await emit(connection, { what: "approve", object: "ui-server" });
connection.close();
console.log(involvedObject.namespace, metadata.annotations?.["kev.dev/approver"]);
`;

// A router as users write it: a routing file, a sink of their own, what is remembered in a file, and metrics.
const routeProgram = `
import * as kev from "kev-events";
import { z } from "zod";

const ending = new AbortController();
const sent: kev.Delivery[] = [];
const collector = kev.defineSink({
  type: "collector",
  summary: "Keeps what it gets",
  documentation: "https://example.com",
  options: z.strictObject({ until: z.int() }),
  example: "type: collector\\nuntil: 2",
  create: async ({ until }): Promise<kev.Sink> => ({
    send: async (batch) => {
      sent.push(...batch);
      if (sent.length >= until) ending.abort();
      return kev.allTaken;
    },
    preview: async (batch) => batch.map(({ event }) => String(event.reason)).join(),
    close: async () => undefined,
  }),
});

const sinkTypes: kev.SinkType[] = [...kev.sinkTypes, collector];
const services: kev.SinkServices = kev.systemServices({ write: async () => undefined });
const file = "routes: [{ drop: { reason: Quiet }, sinks: all }]\\nsinks: { all: { type: collector, until: 2 } }";
const config = await kev.loadRouteConfig(file, { path: "routes.yaml", sinkTypes, services });
const [kubeconfig = "", namespace = "", state = ""] = process.argv.slice(2);
const connection = await kev.connect({ kubeconfig, namespace });
for (const what of ["Quiet", "Started", "Done"]) await kev.emit(connection, { what, object: "ui-server" });

const sinks = await kev.createSinks(config.sinks, services, sinkTypes);
const metrics = kev.createRouteMetrics({ status: () => routing.status, clock: kev.systemClock });
const routing: kev.EventRouting = kev.createEventRouting(connection, {
  ...{ config, sinks, namespace, observer: metrics, signal: ending.signal },
  clusterUid: await kev.readClusterUid(connection),
  store: await kev.openSqliteStore(state),
});
await routing.run();
connection.close();

const tried: string[] = [];
for await (const { routes, sinks: ways } of kev.tryRoutes(config, sinks, sent.slice(0, 1))) {
  tried.push(...routes.map(({ route, entered }) => route + " " + entered), ...ways.map(({ payload }) => String(payload)));
}
const page = (await metrics.page()).text;
const counted = page.split("\\n").filter((line) => line.startsWith("kev_sink_sent_total"));
console.log(JSON.stringify({ reasons: sent.map(({ event, delta }) => [event.reason, delta]).sort(), tried: tried.length, counted }));
`;

const webSocketTypes = `
declare module "ws" {
  export class WebSocket {}
  export class WebSocketServer {}
  export interface ClientOptions {}
  export default WebSocket;
}
`;

let folder: string;
let namespace: string;
const runWith = (env: Record<string, string>, ...args: string[]): Promise<CommandResult> => {
  const { bin } = nodeVersions[nodeVersions.length - 1] as (typeof nodeVersions)[number];
  return runCommand(join(bin, "node"), args, { cwd: folder, env: { HOME: folder, ...env } });
};
const run = (...args: string[]): Promise<CommandResult> => runWith({}, ...args);

beforeAll(async () => {
  // Below the installation, whose packages it finds as any project finds its own.
  folder = await mkdtemp(join(installationFolder(), "project-"));
  await writeFile(join(folder, "package.json"), '{"type": "module"}');
  await writeFile(join(folder, "program.ts"), program);
  await writeFile(join(folder, "pod-program.ts"), podProgram);
  await writeFile(join(folder, "route-program.ts"), routeProgram);
  namespace = await uniqueNamespace("library");
  await cluster.kubectl("create", "deployment", "ui-server", "--image=nginx:1.27", "--replicas=0", "-n", namespace);
});

test("a strict TypeScript project type-checks against the package, declaration files included", async () => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: "NodeNext",
    target: "ES2023",
    types: ["node"],
    noEmit: true,
    skipLibCheck: false,
  };
  // client-node brings a package whose types want those of ws, and does not bring them.
  await writeFile(join(folder, "ws.d.ts"), webSocketTypes);
  const files = ["ws.d.ts", "program.ts", "pod-program.ts", "route-program.ts"];
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));

  expect(await run(compiler, "-p", folder)).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("connect and emit work with a KubeConfig of the caller's own", async () => {
  const { code, stdout, stderr } = await run("program.ts", cluster.adminKubeconfig, namespace);

  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { approval, migrated, ...rest } = JSON.parse(stdout) as Record<string, KubeEvent>;
  const get = async (event: KubeEvent | undefined): Promise<unknown> => {
    const args = ["get", "event", event?.metadata.name ?? "", "-n", namespace, "--show-managed-fields", "-o", "json"];
    return JSON.parse((await cluster.kubectl(...args)).stdout);
  };
  expect(approval).toEqual(await get(approval));
  expect(migrated).toEqual(await get(migrated));
  expect([approval?.reason, approval?.metadata.annotations?.["kev.dev/approver"]]).toEqual(["Approval", "admin"]);
  expect([migrated?.reason, migrated?.message, migrated?.count]).toEqual(["SchemaMigrated", "To 42", 1]);
  expect(rest).toEqual({
    outcomes: ["created", "failed"],
    refusal: [
      404,
      "not-found",
      5,
      'Error from server (NotFound): deployments.apps "nowhere" not found',
      `looked in namespace ${namespace}; -n names another`,
    ],
    digest: "v1:sha256:53aa778a9b137a0ca7ab79937d069870b14440dae5922f51d940ffa4b178d5cb",
  });
});

test("connect finds the pod's own service account", async () => {
  const serviceAccountDir = await mkdtemp(join(folder, "service-account-"));
  await writeFile(join(serviceAccountDir, "token"), await cluster.tokenFor("default", namespace));
  await writeFile(join(serviceAccountDir, "namespace"), namespace);
  await copyFile(cluster.caFile, join(serviceAccountDir, "ca.crt"));
  await cluster.kubectl(
    ...["create", "rolebinding", "edit", "--clusterrole=edit", `--serviceaccount=${namespace}:default`],
    ...["-n", namespace],
  );
  const { hostname, port } = new URL(cluster.server);
  const pod = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };

  const result = await runWith({ ...pod, SERVICE_ACCOUNT_DIR: serviceAccountDir }, "pod-program.ts");

  expect(result).toEqual({ code: 0, stdout: `${namespace} system:serviceaccount:${namespace}:default\n`, stderr: "" });
});

test("events are routed to a sink of the caller's own", async () => {
  const own = await uniqueNamespace("library-route");
  await cluster.kubectl("create", "deployment", "ui-server", "--image=nginx:1.27", "--replicas=0", "-n", own);

  const result = await run("route-program.ts", cluster.adminKubeconfig, own, join(folder, "route.db"));

  expect({ ...result, stdout: JSON.parse(result.stdout || "null") }).toEqual({
    code: 0,
    stdout: {
      reasons: [
        ["Done", 1],
        ["Started", 1],
      ],
      tried: 2,
      counted: ['kev_sink_sent_total{sink="all"} 2'],
    },
    stderr: "",
  });
});

test("what the package does not export cannot be imported", async () => {
  const script = 'await import("kev-events/dist/lib/index.js").catch((error) => console.log(error.code));';

  const { stdout } = await run("--input-type=module", "-e", script);

  expect(stdout).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
});
