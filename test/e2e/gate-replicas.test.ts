import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { KubeObject } from "../../src/events/event.ts";
import { recordOf } from "../../src/util/is-record.ts";
import { type Balancer, startBalancer } from "../support/balancer.ts";
import { type GatedCluster, policyHolds, startGatedCluster } from "../support/gated-cluster.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { startCommand } from "../support/run-command.ts";
import type { RunningGate } from "../support/running-gate.ts";
import { until } from "../support/until.ts";

jest.setTimeout(180_000);

const namespace = "shared";

let gated: GatedCluster;
let balancer: Balancer;
/** One on each Node. */
let kevs: Kev[];
let gates: RunningGate[];

beforeAll(async () => {
  gated = await startGatedCluster();
  balancer = await startBalancer();
  kevs = await Promise.all(nodeVersions.map((node) => installedKev(node, gated.cluster.adminKubeconfig)));
  await startGates();
  await gated.install(`https://localhost:${balancer.port}/`);
  await gated.gatedNamespace(namespace);
  await policyHolds();
});

afterAll(async () => {
  await gated?.stop();
  await balancer?.close();
});

async function startGates(): Promise<void> {
  gates = await Promise.all(kevs.map((kev) => gated.serve(kev)));
  balancer.turnTo(...gates.map(portOf));
}

const portOf = ({ url }: RunningGate): string => new URL(url).port;

async function kill(gate: RunningGate | undefined): Promise<void> {
  gate?.process.kill("SIGKILL");
  await gate?.process.ended;
}

const create = (name: string): Promise<string> =>
  gated.must("create", "deployment", name, "--image=nginx:1", "-n", namespace);

const waits = (name: string): Promise<void> =>
  until(async () => (await gated.events(namespace, "ApprovalRequired", name)).length > 0);

const isOut = async (name: string): Promise<boolean> => (await gated.replicaSets(namespace, name)).length === 1;

async function approve(name: string): Promise<void> {
  expect(await gated.kev("emit", "approve", name, "-n", namespace)).toMatchObject({ code: 0 });
}

/** The states of a Deployment's condition kev.dev/Approved, one after the other, until the watch is ended. */
function watchCondition(name: string): { states(): string[]; end(): Promise<void> } {
  const template = '{.status.conditions[?(@.type=="kev.dev/Approved")].status}{"\\n"}';
  const { kubectlPath, adminKubeconfig, dir } = gated.cluster;
  const env = { HOME: dir, KUBECONFIG: adminKubeconfig };
  const args = ["get", "deployment", name, "-n", namespace, "-w", "-o", `jsonpath=${template}`];
  const watch = startCommand(kubectlPath, args, { env, cwd: dir });
  return {
    states: () => {
      const lines = watch.output.stdout.split("\n").filter((line) => line !== "");
      return lines.filter((line, index) => line !== lines[index - 1]);
    },
    end: async () => {
      watch.kill("SIGTERM");
      await watch.ended;
    },
  };
}

/** Whether a gate has logged this of a Deployment. */
const hasLogged = (gate: RunningGate | undefined, message: string, name: string): boolean =>
  gate?.process.output.stderr.includes(`"${message}" namespace=${namespace} name=${name} `) ?? false;

async function expectAskedOnce(name: string): Promise<void> {
  const asked = await gated.events(namespace, "ApprovalRequired", name);
  expect(asked.map(({ count }) => count)).toEqual([1]);
}

test.each([
  ["first", 0],
  ["second", 1],
])("releases that the %s gate is asked about are held back and let through, and told of once", async (name, index) => {
  const [asked, other] = index === 0 ? gates : gates.toReversed();
  if (!asked) throw new Error("There is no gate");
  balancer.turnTo(portOf(asked));
  await create(name);
  const condition = watchCondition(name);
  await waits(name);
  expect(await gated.replicaSets(namespace, name)).toEqual([]);
  // kubectl takes a while to start; an approval before it has listed would leave it nothing but the end to see.
  await until(() => condition.states().at(-1) === "False");
  await approve(name);
  await until(() => isOut(name));
  // Both see the decision; each says how it stands, and they say the same.
  await until(() => condition.states().at(-1) === "True");
  await until(() => hasLogged(asked, "a release was admitted", name));
  expect(hasLogged(other, "a release was admitted", name)).toBe(false);
  expect(condition.states()).toEqual(["False", "True"]);
  await expectAskedOnce(name);
  await condition.end();
});

test("one is killed, and releases go on", async () => {
  balancer.turnTo(...gates.map(portOf));
  await create("before");
  await waits("before");
  await kill(gates[0]);
  await approve("before");
  await until(() => isOut("before"));
  await create("after");
  await waits("after");
  expect(await isOut("after")).toBe(false);
  await approve("after");
  await until(() => isOut("after"));
});

test("both are killed: releases wait, all else goes on; they are back, and releases go on untouched", async () => {
  await Promise.all(gates.map(kill));
  for (const name of ["approved", "waiting"]) await create(name);
  await gated.must("set", "image", "deployment/first", "nginx=nginx:2", "-n", namespace);
  await approve("approved");
  for (const name of ["approved", "waiting", "first"]) {
    await until(async () => {
      const failures = await gated.events(namespace, "ReplicaSetCreateError", name);
      return failures.some(({ message }) => message?.includes("failed calling webhook"));
    });
  }

  // What is out scales, and mends itself.
  const pods = async (): Promise<(string | undefined)[]> => {
    const all = await gated.items<KubeObject>(namespace, "pods");
    const own = all.filter(({ metadata }) => metadata.labels?.app === "first" && !metadata.deletionTimestamp);
    return own.map(({ metadata }) => metadata.name);
  };
  await gated.must("scale", "deployment/first", "--replicas=3", "-n", namespace);
  await until(async () => (await pods()).length === 3);
  const [lost = ""] = await pods();
  await gated.must("delete", "pod", lost, "-n", namespace);
  await until(async () => (await pods()).length === 3);
  expect(await pods()).not.toContain(lost);

  const templates = (await gated.replicaSets(namespace, "first")).map(({ spec }) => JSON.stringify(recordOf(spec)));
  expect(templates).toEqual([expect.stringContaining("nginx:1")]);
  for (const name of ["approved", "waiting"]) expect(await gated.replicaSets(namespace, name)).toEqual([]);

  await startGates();
  await until(() => isOut("approved"));
  for (const name of ["waiting", "first"])
    await until(() => gates.every((gate) => hasLogged(gate, "a release waits", name)));
  expect(await isOut("waiting")).toBe(false);
  for (const name of ["waiting", "first"]) await approve(name);
  await until(() => isOut("waiting"));
  await until(async () => (await gated.replicaSets(namespace, "first")).length === 2);
  // Both gates have met it at the same moment.
  await expectAskedOnce("waiting");
});
