import { join } from "node:path";
import { afterAll, expect, jest, test } from "@jest/globals";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { type RunningCommand, startCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

const cluster = sharedControlPlane();
const program = join(import.meta.dirname, "../support/lease-holder.ts");
const started: RunningCommand[] = [];

afterAll(async () => {
  for (const holder of started) holder.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
});

const lines = ({ output }: RunningCommand): string[] => output.stdout.split("\n").filter((line) => line !== "");

/** Resolves when the holder has said so, and nothing else before. */
async function said(holder: RunningCommand, ...expected: string[]): Promise<void> {
  await until(() => lines(holder).length >= expected.length);
  expect(lines(holder)).toEqual(expected);
}

test("with no rights but those on Leases one of three leads: after a kill, a pause and an end the next one does", async () => {
  const namespace = await uniqueNamespace("lease");
  await cluster.must("create", "role", "leases", "--verb=get,create,update", "--resource=leases", "-n", namespace);
  await cluster.must("create", "rolebinding", "leases", "--role=leases", `--user=${namespace}`, "-n", namespace);
  const kubeconfig = await cluster.kubeconfigFor({ user: namespace });
  const start = (identity: string): RunningCommand => {
    const { PATH = "" } = process.env;
    const holder = startCommand(process.execPath, [program, kubeconfig, namespace, identity], {
      env: { PATH },
      cwd: import.meta.dirname,
    });
    started.push(holder);
    return holder;
  };
  const a = start("a");
  await said(a, "leads in term 0");
  const b = start("b");
  await said(b, "waits for a");
  a.kill("SIGKILL");
  await said(b, "waits for a", "leads in term 1");
  const c = start("c");
  await said(c, "waits for b");

  b.kill("SIGSTOP");
  await said(c, "waits for b", "leads in term 2");
  expect(lines(b)).toEqual(["waits for a", "leads in term 1"]);
  b.kill("SIGCONT");
  await b.ended;
  expect(lines(b).slice(2, 3)).toEqual(["stops"]);
  // Its own deadline, or the Lease that it reads, whichever it comes to first.
  expect(lines(b).slice(3)).toEqual([expect.stringMatching(/^ended: leadership was lost: .*the Lease \S+\/router/)]);

  const d = start("d");
  await said(d, "waits for c");
  c.kill("SIGTERM");
  await c.ended;
  expect(lines(c)).toEqual(["waits for b", "leads in term 2", "stops", "ended"]);
  await said(d, "waits for c", "leads in term 3");
  const holder = ["get", "lease", "router", "-n", namespace, "-o", "jsonpath={.spec.holderIdentity}"];
  expect(await cluster.must(...holder)).toBe("d");
  d.kill("SIGTERM");
  await d.ended;
  expect(await cluster.must(...holder)).toBe("");
});
