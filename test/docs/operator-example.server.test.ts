import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, emit, type KubeObject } from "../../src/index.ts";
import type { StreamingConnection } from "../../src/kube/connect.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installationFolder, nodeVersions } from "../support/packed-cli.ts";
import { type RunningCommand, runCommand, startCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

const root = join(import.meta.dirname, "../..");
const example = join(root, "docs/examples/operator");
const cluster = sharedControlPlane();
const { bin } = nodeVersions.at(-1) ?? { bin: "" };

let folder: string;
let namespace: string;
let env: Record<string, string>;
let connection: StreamingConnection;

beforeAll(async () => {
  // Below the installation, whose packages it finds as any project finds its own.
  folder = await mkdtemp(join(installationFolder(), "operator-"));
  await writeFile(join(folder, "package.json"), '{"type": "module"}');
  await copyFile(join(example, "brake.ts"), join(folder, "brake.ts"));
  namespace = await uniqueNamespace("operator");
  await cluster.apply(await readFile(join(example, "rights.yaml"), "utf8"), namespace);
  const token = await cluster.tokenFor("brake", namespace);
  env = { HOME: folder, KUBECONFIG: await cluster.kubeconfigWith({ token }, namespace), NAMESPACE: namespace };
  connection = await connect({ kubeconfig: cluster.adminKubeconfig, namespace, env: {} });
  for (const name of ["ui", "db"]) {
    await cluster.must("create", "deployment", name, "--image=nginx:1.27", "-n", namespace);
  }
  await cluster.must("label", "deployment", "ui", "example.com/brake=on", "-n", namespace);
});

const start = (): RunningCommand => startCommand(join(bin, "node"), ["brake.ts"], { cwd: folder, env });

/** The newest Pod of a Deployment, once its controllers have made it. */
async function podOf(name: string, image: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  let found: string | undefined;
  await until(async () => {
    const query = { labelSelector: `app=${name}` };
    const { items } = await connection.request<{ items: KubeObject[] }>({ path, query });
    found = items.find(({ spec }) => JSON.stringify(spec).includes(`"${image}"`))?.metadata.name;
    return found !== undefined;
  });
  return found ?? "";
}

/** As a kubelet says it, of the container and by an event. */
async function backOff(pod: string, times: number): Promise<void> {
  const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image" };
  const container = { name: "nginx", image: "nginx", imageID: "", ready: false, restartCount: 0, state: { waiting } };
  await connection.request({
    method: "PATCH",
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/status`,
    contentType: "application/merge-patch+json",
    body: { status: { containerStatuses: [container] } },
  });
  for (let time = 0; time < times; time++) {
    const message = "Back-off pulling image";
    await emit(connection, { what: "BackOff", type: "Warning", object: `pod/${pod}`, message, key: "pull" });
  }
}

async function deployment(name: string): Promise<KubeObject> {
  return await connection.request<KubeObject>({ path: `/apis/apps/v1/namespaces/${namespace}/deployments/${name}` });
}

async function pauses(): Promise<KubeEvent[]> {
  const query = { fieldSelector: "reason=RolloutPaused" };
  return (await connection.request<{ items: KubeEvent[] }>({ path: `/api/v1/namespaces/${namespace}/events`, query }))
    .items;
}

test("the example is checked against the types of the installed package", async () => {
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, module: "NodeNext", target: "ES2023", types: ["node"] },
    ...{ noEmit: true, skipLibCheck: true, typeRoots: [join(root, "node_modules/@types")] },
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["brake.ts"] }));
  const compiler = join(root, "node_modules/typescript/bin/tsc");

  expect(await runCommand(join(bin, "node"), [compiler, "-p", folder], { cwd: folder, env })).toEqual({
    ...{ code: 0, stdout: "", stderr: "" },
  });
});

test("the operator pauses a rollout that gets nowhere, and says so once, though it is killed in between", async () => {
  const [ui, db] = [await podOf("ui", "nginx:1.27"), await podOf("db", "nginx:1.27")];
  await backOff(db, 3);
  await backOff(ui, 2);
  const first = start();
  await until(() => first.output.stderr.includes("watching"));
  await backOff(ui, 1);
  await until(async () => (await pauses()).length > 0);
  first.kill("SIGKILL");
  await first.ended;
  // As if it had been killed before it could say so.
  const [paused] = await pauses();
  await cluster.must("delete", "event", paused?.metadata.name ?? "", "-n", namespace);

  const second = start();
  await until(async () => (await pauses()).length > 0);
  await backOff(ui, 2);
  second.kill("SIGTERM");
  expect(await second.ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining("error") });

  const release = (await deployment("ui")).metadata.annotations?.["example.com/paused-release"];
  expect(await pauses()).toMatchObject([
    {
      type: "Warning",
      count: 1,
      message: `Paused release ${release}, whose Pod ${ui} does not start: ImagePullBackOff: Back-off pulling image`,
      involvedObject: { kind: "Deployment", name: "ui", uid: (await deployment("ui")).metadata.uid },
      source: { component: "brake" },
    },
  ]);
  expect([(await deployment("ui")).spec, (await deployment("db")).spec]).toMatchObject([
    { paused: true },
    expect.not.objectContaining({ paused: true }),
  ]);
  const described = await cluster.must("describe", "deployment", "ui", "-n", namespace);
  expect(described).toMatch(/Warning {2}RolloutPaused .* brake .*Paused release/);
});

test("a release that was let go on is not paused again, and the next one may be", async () => {
  await cluster.must("rollout", "resume", "deployment/ui", "-n", namespace);
  const operator = start();
  await backOff(await podOf("ui", "nginx:1.27"), 1);
  await cluster.must("set", "image", "deployment/ui", "nginx=nginx:1.99", "-n", namespace);
  const next = await podOf("ui", "nginx:1.99");
  expect((await deployment("ui")).spec).not.toMatchObject({ paused: true });
  await backOff(next, 3);
  await until(async () => (await pauses()).length === 2);
  operator.kill("SIGTERM");
  expect((await operator.ended).code).toBe(0);
  expect((await deployment("ui")).spec).toMatchObject({ paused: true });
});
