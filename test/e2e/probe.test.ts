import { writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { type ChangingSite, startChangingSite } from "../support/changing-site.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import type { RunningCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

let controlPlane: ControlPlane;
let connection: StreamingConnection;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  // One of its own: it is killed.
  controlPlane = await startControlPlane({ controllers: false });
  connection = await connect({ kubeconfig: controlPlane.adminKubeconfig, env: {} });
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  connection?.close();
  await controlPlane?.stop();
});

/** One Node's probe, in a namespace and with a site of its own: those of both Nodes run beside each other. */
interface Setting {
  kev: Kev;
  namespace: string;
  site: ChangingSite;
  events(reason: string): Promise<KubeEvent[]>;
  start(...args: string[]): RunningCommand;
}

const quick =
  "--interval 1s --jitter 0s --timeout 900ms --failures 2 --successes 2 --write-every 1s --listen none".split(" ");

async function settings(name: string): Promise<Setting[]> {
  return await Promise.all(
    nodeVersions.map(async (node): Promise<Setting> => {
      const namespace = `${name}-${node.name.replaceAll(/\D/g, "")}`;
      await controlPlane.must("create", "namespace", namespace);
      await createIngress(namespace);
      const [kev, site] = [await installedKev(node, controlPlane.adminKubeconfig), await startChangingSite()];
      ends.push(() => site.close());
      return {
        ...{ kev, namespace, site },
        events: async (reason) => {
          const path = `/api/v1/namespaces/${namespace}/events`;
          const { items } = await connection.request<{ items: KubeEvent[] }>({ path });
          return items.filter((event) => event.reason === reason);
        },
        start: (...args) => {
          const running = kev.start({}, "probe", ...args, ...quick, "-n", namespace);
          ends.push(() => running.kill("SIGKILL"));
          return running;
        },
      };
    }),
  );
}

async function createIngress(namespace: string, ...rules: string[]): Promise<void> {
  const [first = "ui.example.com/*=ui:80", ...others] = rules;
  const flags = [first, ...others].map((rule) => `--rule=${rule}`);
  await controlPlane.must("create", "ingress", "ui", ...flags, "-n", namespace);
}

async function onBoth(name: string, run: (setting: Setting) => Promise<void>): Promise<void> {
  await Promise.all((await settings(name)).map(run));
}

/** What is left of a description from its events on, with what differs from run to run made equal. */
async function describedEvents({ namespace }: Setting, port: number): Promise<string> {
  const text = await controlPlane.must("describe", "ingress", "ui", "-n", namespace);
  return text
    .slice(text.indexOf("Events:"))
    .replaceAll(`:${port}`, ":PORT")
    .replaceAll(/\b\d+ms\b/g, "MS")
    .replaceAll(/\b(\d+[smh])+\b/g, "AGE")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME")
    .replaceAll(/(\S) {2,}/g, "$1  ")
    .replaceAll(/^( {2}\S+) +-.*\n/gm, "");
}

const countOf = (events: readonly KubeEvent[]): number => events.reduce((sum, { count = 0 }) => sum + count, 0);

async function end(running: RunningCommand): Promise<number> {
  running.kill("SIGINT");
  return (await running.ended).code;
}

const outage = (): Promise<void> =>
  onBoth("outage", async (setting) => {
    const { site, events, start } = setting;
    const running = start(site.url, "--on", "ingress/ui");
    await until(() => running.output.stderr.includes('"a target is up"'));
    // One failed check is no outage.
    site.mood = "cut";
    const { bad } = site;
    await until(() => site.bad > bad);
    site.mood = "well";
    const { good } = site;
    await until(() => site.good > good + 1);
    expect(await events("SitePingFailed")).toEqual([]);
    const before = site.bad;
    site.mood = "broken";
    await until(async () => (await events("SitePingFailed")).length > 0);
    // Neither does one good check end it.
    site.mood = "well";
    const flap = site.good;
    await until(() => site.good > flap);
    site.mood = "slow";
    await until(async () => (await events("SitePingFailed"))[0]?.message?.includes("waited"));
    site.mood = "well";
    await until(async () => (await events("SitePingRecovered")).length > 0);
    const failed = site.bad - before;
    expect(countOf(await events("SitePingFailed"))).toBe(failed);
    expect(
      (await describedEvents(setting, site.port))
        .replaceAll(`x${failed} `, "xN ")
        .replaceAll(`${failed} failed`, "N failed"),
    ).toBe(
      `Events:
  Type  Reason  Age  From  Message
  Warning  SitePingFailed  AGE (xN over AGE)  kev-probe  http://127.0.0.1:PORT/: waited MS for an answer
  Normal  SitePingRecovered  AGE  kev-probe  http://127.0.0.1:PORT/: 200 OK (MS); down for AGE since TIME, N failed checks
`,
    );
    expect(await end(running)).toBe(130);
  });

const killed = (): Promise<void> =>
  onBoth("killed", async ({ site, events, start }) => {
    site.mood = "broken";
    const first = start(site.url, "--on", "ingress/ui");
    await until(async () => countOf(await events("SitePingFailed")) > 2);
    first.kill("SIGKILL");
    await first.ended;
    const told = countOf(await events("SitePingFailed"));
    const { bad } = site;
    const second = start(site.url, "--on", "ingress/ui");
    await until(() => second.output.stderr.includes('"an outage goes on"'));
    await until(() => site.bad > bad + 2);
    site.mood = "well";
    await until(async () => (await events("SitePingRecovered")).length > 0);
    // A third one finds it told to its end.
    expect(await end(second)).toBe(130);
    const third = start(site.url, "--on", "ingress/ui");
    await until(() => third.output.stderr.includes('"a target is up"'));
    expect(third.output.stderr).not.toContain("an outage goes on");
    await end(third);
    const [failed, ...more] = await events("SitePingFailed");
    expect({ count: failed?.count, more }).toEqual({ count: told + site.bad - bad, more: [] });
    expect(await events("SitePingRecovered")).toHaveLength(1);
  });

const again = (): Promise<void> =>
  onBoth("again", async ({ namespace, site, events, start }) => {
    site.mood = "broken";
    const running = start(site.url, "--on", "ingress/ui");
    await until(async () => (await events("SitePingFailed")).length > 0);
    await controlPlane.must("delete", "ingress", "ui", "-n", namespace);
    await until(() => running.output.stderr.includes("the object is not there"));
    await createIngress(namespace);
    await until(() => running.output.stderr.includes("there is another object of the name"));
    await until(async () => (await events("SitePingFailed")).length > 1);
    site.mood = "well";
    await until(async () => (await events("SitePingRecovered")).length > 0);
    const uid = (
      await controlPlane.must("get", "ingress", "ui", "-n", namespace, "-o", "jsonpath={.metadata.uid}")
    ).trim();
    const own = (await events("SitePingFailed")).filter(({ involvedObject }) => involvedObject.uid === uid);
    expect(own.map(({ count }) => count)).toEqual([site.bad]);
    expect((await events("SitePingRecovered")).map(({ involvedObject }) => involvedObject.uid)).toEqual([uid]);
    expect(await end(running)).toBe(130);
  });

const hosts = (): Promise<void> =>
  onBoth("hosts", async ({ kev, namespace, site, events }) => {
    // One of its objects is not there.
    const file = `defaults: { interval: 1s, jitter: 0s, timeout: 900ms, failures: 2, successes: 2, connectTo: "127.0.0.1:${site.port}" }
targets: [{ on: ingress/ui }, { on: ingress/gone }]
`;
    await writeFile(join(kev.folder, "targets.yaml"), file);
    const running = kev.start({}, ..."probe -f targets.yaml --write-every 1s --listen none -n".split(" "), namespace);
    ends.push(() => running.kill("SIGKILL"));
    await until(() => site.asked.includes("GET ui.example.com/"));
    const patch = '[{"op":"replace","path":"/spec/rules/0/host","value":"new.example.com"}]';
    await controlPlane.must("patch", "ingress", "ui", "-n", namespace, "--type=json", "-p", patch);
    await until(() => site.asked.includes("GET new.example.com/"));
    const { length } = site.asked;
    await until(() => site.asked.length > length + 2);
    expect(new Set(site.asked.slice(length))).toEqual(new Set(["GET new.example.com/"]));
    site.mood = "broken";
    await until(async () => (await events("SitePingFailed")).length > 0);
    await controlPlane.must("delete", "ingress", "ui", "-n", namespace);
    await until(() => running.output.stderr.includes("a target in an outage is probed no more"));
    // Made again, and beside it one that has the same host.
    await createIngress(namespace, "new.example.com/*=ui:80");
    await until(async () => (await events("SitePingFailed")).length > 1);
    const starts = (await events("SitePingFailed")).map(
      ({ metadata }) => metadata.annotations?.["kev.dev/outage-start"],
    );
    expect(new Set(starts).size).toBe(1);
    site.mood = "well";
    await until(async () => (await events("SitePingRecovered")).length > 0);
    await controlPlane.must("create", "ingress", "gone", "--rule=new.example.com/*=ui:80", "-n", namespace);
    await until(() => running.output.stderr.includes("it is probed already"));
    await controlPlane.must("delete", "ingress", "ui", "-n", namespace);
    await until(() => running.output.stderr.split('"a target is probed"').length > 3);
    const { good } = site;
    await until(() => site.good > good + 1);
    expect(await end(running)).toBe(130);
  });

const certificate = (): Promise<void> =>
  onBoth("certificate", async (setting) => {
    const { kev, events, start } = setting;
    const authority = await createCertificateAuthority();
    const issue = async (milliseconds: number) => {
      const notAfter = new Date(Date.now() + milliseconds);
      const issued = await issueServerCertificate(authority, ["localhost"], { notAfter });
      return { cert: issued.certificate, key: issued.key };
    };
    await writeFile(join(kev.folder, "ca.crt"), authority.certificate);
    const server = createServer(await issue(20_000), (_request, response) => response.end("welcome"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    ends.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const running = start(`https://localhost:${port}/`, "--on", "ingress/ui", "--cacert", "ca.crt");
    await until(async () => (await events("SitePingFailed")).length > 0);
    server.setSecureContext(await issue(30 * 24 * 3_600_000));
    await until(async () => (await events("SitePingRecovered")).length > 0);
    const failed = countOf(await events("SitePingFailed"));
    const described = await describedEvents(setting, port);
    expect(described.replaceAll(`x${failed} `, "xN ").replaceAll(`${failed} failed`, "N failed")).toBe(
      `Events:
  Type  Reason  Age  From  Message
  Warning  SiteCertificateExpiring  AGE  kev-probe  https://localhost:PORT/: the certificate expires in AGE, at TIME
  Warning  SitePingFailed  AGE (xN over AGE)  kev-probe  https://localhost:PORT/: the certificate has expired (MS)
  Normal  SitePingRecovered  AGE  kev-probe  https://localhost:PORT/: 200 OK (MS); down for AGE since TIME, N failed checks
`,
    );
    expect(await end(running)).toBe(130);
  });

// They take their time by waiting: all of them at once take no longer than the longest.
let scenarios: Readonly<Record<"outage" | "killed" | "again" | "hosts" | "certificate", Promise<void>>>;
beforeAll(() => {
  scenarios = { outage: outage(), killed: killed(), again: again(), hosts: hosts(), certificate: certificate() };
  // One that fails does so in its own test.
  for (const scenario of Object.values(scenarios)) scenario.catch(() => undefined);
});

test("a site that breaks, flaps, answers too late and comes back is one event counted up, and one of its end", () =>
  scenarios.outage);

test("a probe that is killed in an outage neither forgets nor doubles it", () => scenarios.killed);

test("an object that is deleted and made again gets an event of its own, of the whole outage", () => scenarios.again);

test("the hosts of an Ingress are probed as they change", () => scenarios.hosts);

test("a certificate that runs out is told of before, is an outage then, and its end when it is renewed", () =>
  scenarios.certificate);

test("what cannot work is said at the start, by its exit code too", () =>
  onBoth("wrong", async ({ kev, namespace, site }) => {
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await kev("probe", ...args, "--listen", "none", "-n", namespace);
      const lines = stderr.split("\n").filter((line) => !line.includes('info "probing"'));
      return {
        code,
        stdout,
        stderr: lines.join("\n").replaceAll(namespace, "NS").replaceAll(`:${site.port}`, ":PORT"),
      };
    };
    await controlPlane.must("create", "configmap", "job", "-n", namespace);
    expect(await run(site.url, "--on", "ingress/iu")).toEqual({
      ...{ code: 5, stdout: "" },
      stderr: 'Error from server (NotFound): ingresses.networking.k8s.io "iu" not found\nhint: did you mean ui?\n',
    });
    expect(await run("--on", "cm/job")).toEqual({
      ...{ code: 2, stdout: "" },
      stderr:
        "error: a ConfigMap does not say what to probe: name a URL\nhint: only an Ingress has hosts and paths of its own\n",
    });
    const spec =
      '{"spec":{"rules":[{"host":"*.example.com"}],"defaultBackend":{"service":{"name":"ui","port":{"number":80}}}}}';
    await controlPlane.must("patch", "ingress", "ui", "-n", namespace, "--type=merge", "-p", spec);
    expect(await run("--on", "ingress/ui")).toEqual({
      ...{ code: 5, stdout: "" },
      stderr:
        'error: ingresses.networking.k8s.io "ui" has no host that could be probed\nhint: *.example.com: it stands for any host\na URL says what to probe\n',
    });
    const reader = ["--as", `system:serviceaccount:${namespace}:reader`];
    await controlPlane.must("create", "serviceaccount", "reader", "-n", namespace);
    await controlPlane.must("create", "role", "reader", "--verb=get", "--resource=configmaps", "-n", namespace);
    const account = `--serviceaccount=${namespace}:reader`;
    await controlPlane.must("create", "rolebinding", "reader", "--role=reader", account, "-n", namespace);
    await until(
      async () => (await controlPlane.kubectl("auth", "can-i", "get", "cm", "-n", namespace, ...reader)).code === 0,
    );
    expect(await run(site.url, "--on", "cm/job", ...reader)).toEqual({
      ...{ code: 4, stdout: "" },
      stderr: `Error from server (Forbidden): events is forbidden: User "system:serviceaccount:NS:reader" cannot create resource "events" in API group "" in the namespace "NS"
hint: system:serviceaccount:NS:reader lacks the right to create events in namespace NS; who may can grant it:
  kubectl create role kev-create-events --verb=create --resource=events -n NS
  kubectl create rolebinding kev-create-events --role=kev-create-events --serviceaccount=NS:reader -n NS
check it with: kubectl auth can-i create events -n NS
`,
    });
    site.mood = "broken";
    const once = await run(site.url, "--once");
    expect({ ...once, stdout: once.stdout.replaceAll(/\d+ms/g, "MS") }).toEqual({
      ...{ code: 3, stderr: "" },
      stdout: "http://127.0.0.1:PORT/ is down: 503 Service Unavailable (MS), expected 200-399\n".replace(
        "PORT",
        `${site.port}`,
      ),
    });
    site.mood = "well";
    expect((await run(site.url, "--once")).code).toBe(0);
  }));

test("one check ends the program, though the system is still at something", async () => {
  const node = nodeVersions.find(({ name }) => name === "Node 24") ?? nodeVersions[0];
  if (!node) throw new Error("There is no Node");
  const kev = await installedKev(node, controlPlane.adminKubeconfig);
  await kev.shell("mkfifo held");
  // As a name that no resolver answers for: a thread that waits.
  const hold = "import fs from 'node:fs'; fs.open('held', 'r', () => undefined);";
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hold)}` };
  const { code, stdout, stderr } = await kev.with({ env }, "probe", "tcp://127.0.0.1:1", "--once");
  expect({ code, stdout: stdout.replace(/\d+ms/, "MS"), stderr }).toEqual({
    ...{ code: 3, stderr: "" },
    stdout: "tcp://127.0.0.1:1 is down: connection refused by 127.0.0.1:1 (MS)\n",
  });
});

test("with the API server away the probe goes on, and writes what was later, with its times", async () => {
  const all = await settings("away");
  const probes = all.map(({ site, start }) => start(site.url, "--on", "ingress/ui"));
  await until(() => probes.every(({ output }) => output.stderr.includes('"a target is up"')));
  await controlPlane.killApiServer();
  const away = new Date();
  for (const { site } of all) site.mood = "broken";
  await until(() => probes.every(({ output }) => output.stderr.includes("could not be written")));
  await until(() => all.every(({ site }) => site.bad > 4));
  for (const { site } of all) site.mood = "well";
  await until(() => probes.every(({ output }) => output.stderr.includes('"a target is up again"')));
  const back = new Date();
  await controlPlane.startApiServer();
  for (const [index, { site, events }] of all.entries()) {
    await until(async () => (await events("SitePingRecovered")).length > 0);
    const [failed, ...more] = await events("SitePingFailed");
    expect({ count: failed?.count, more }).toEqual({ count: site.bad, more: [] });
    const times = [failed?.firstTimestamp, failed?.lastTimestamp].map((text) => Date.parse(text ?? ""));
    // Whole seconds.
    for (const time of times) {
      expect(time).toBeGreaterThan(away.getTime() - 1_000);
      expect(time).toBeLessThan(back.getTime());
    }
    expect(await end(probes[index] as RunningCommand)).toBe(130);
  }
});
