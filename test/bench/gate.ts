import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../src/events/event.ts";
import { createJudge } from "../../src/gate/judge.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { runCommand } from "../support/run-command.ts";
import { median } from "./compare.ts";
import { lateApprovals } from "./gate-late-approval.ts";
import { startGatePrograms } from "./gate-programs.ts";
import {
  asFastAsCan,
  atRate,
  createReviewClient,
  percentile,
  type Review,
  type ReviewClient,
  reviewOf,
} from "./gate-reviews.ts";
import { installed } from "./installed.ts";
import type { Report } from "./report.ts";
import { writeEvents } from "./write-events.ts";

/** Events in the namespace that are no decisions. */
const otherEvents = 10_000;
/** Milliseconds after the policy; what is written sooner never counts. */
const untilTrusted = 12_000;
const connections = 8;
const reviewsInAll = 100_000;
const lateOnes = Array.from({ length: 9 }, (_, index) => `late-${index}`);

/** Releases to ask about. */
interface Releases {
  /** Approved, and among many events. */
  approved: Review;
  /** Waits, and is among many events. */
  waiting: Review;
  /** Waits in a namespace with hardly an event. */
  quiet: Review;
}

/** The gate's answers, what comes of a late approval, and the gate's memory. */
export async function benchGate(controlPlane: ControlPlane, report: Report): Promise<void> {
  report.progress("A gate, the talk's webhook…");
  const programs = await startGatePrograms(controlPlane);
  const installedAt = Date.now();
  const connection = await connect({ kubeconfig: controlPlane.adminKubeconfig, env: {} });
  const asGate = await connect({ kubeconfig: programs.kubeconfig, env: {} });
  const ca = await readFile(controlPlane.caFile, "utf8");
  const gate = createReviewClient(programs.gate, ca, connections);
  const talk = createReviewClient(programs.talk, ca, connections);
  try {
    for (const name of ["gated", "quiet"]) {
      const body = { metadata: { name, labels: { requireApproval: "true" } } };
      await connection.request({ method: "POST", path: "/api/v1/namespaces", body });
    }
    // Under way before the events: the Deployment controller's tries get rare meanwhile.
    const [approved, waiting, quiet] = await Promise.all([
      createDeployment(connection, "gated", "ui-server"),
      createDeployment(connection, "gated", "waiting"),
      createDeployment(connection, "quiet", "waiting"),
    ]);
    for (const name of lateOnes) await createDeployment(connection, "gated", name);
    const createdAt = Date.now();
    report.progress(`${otherEvents} events…`);
    await writeEvents(connection, "gated", otherEvents);
    await sleep(Math.max(installedAt + untilTrusted - Date.now(), 0));
    await approve(controlPlane, "ui-server");
    const releases = { approved: reviewOf(approved), waiting: reviewOf(waiting), quiet: reviewOf(quiet) };

    // First what takes long: when it is over the Deployment controller has given up, and nothing else goes on.
    await memory(gate, releases, report);
    await lateApprovals(connection, { namespace: "gated", deployments: lateOnes, createdAt }, report);
    await admissions(gate, releases, asGate, report);
    await denials(gate, releases, asGate, report);
    await rates({ gate, talk }, releases, report);
  } finally {
    for (const one of [connection, asGate, gate, talk]) one.close();
    await programs.stop();
  }
}

async function createDeployment(connection: StreamingConnection, namespace: string, name: string): Promise<KubeObject> {
  const labels = { app: name };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "nginx", image: "nginx:1.27" }] } },
  };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  return await connection.request({ method: "POST", path, body: { metadata: { name }, spec } });
}

async function approve(controlPlane: ControlPlane, name: string): Promise<void> {
  const { kev, node24 } = await installed(controlPlane);
  const { command, args, env } = kev(node24, "emit", "approve", name, "-n", "gated");
  const { code, stderr } = await runCommand(command, args, { env, cwd: controlPlane.dir });
  if (code !== 0) throw new Error(`kev emit approve ended with ${code}: ${stderr}`);
}

/** Beside bare reads of one event at the same rate, in turn: what the machine and the API server are good for just now. */
async function admissions(
  gate: ReviewClient,
  { approved }: Releases,
  asGate: StreamingConnection,
  report: Report,
): Promise<void> {
  const [perSecond, rounds, inRound] = [50, 6, 250];
  report.progress("admissions…");
  const review = (): Promise<number> => gate.send(approved, true);
  const read = (): Promise<unknown> => asGate.request({ path: "/api/v1/namespaces/gated/events/e0" });
  await atRate(perSecond, inRound, review);
  const times: { review: number[]; read: number[] } = { review: [], read: [] };
  for (let round = 0; round < rounds; round++) {
    times.review.push(...(await atRate(perSecond, inRound, review)));
    times.read.push(...(await atRate(perSecond, inRound, read)));
  }
  for (const [what, all, target] of [
    ["admission by kev gate serve", times.review, "p99 ≤ 20 ms"],
    ["bare GET of an event, in turn with it", times.read, "for comparison"],
  ] as const) {
    report.add({
      what: `${what}, ${perSecond} a second, ${rounds * inRound} of them: p50; p99`,
      median: `${percentile(all, 50).toFixed(1)}; ${percentile(all, 99).toFixed(1)} ms`,
      range: `${Math.min(...all).toFixed(1)}–${Math.max(...all).toFixed(1)} ms`,
      target,
    });
  }
}

/** Each denial beside two bare lists, whose difference is what the machine and the API server do by themselves. */
async function denials(
  gate: ReviewClient,
  { waiting }: Releases,
  asGate: StreamingConnection,
  report: Report,
): Promise<void> {
  const [rounds, warmUps] = [100, 5];
  report.progress("denials…");
  // The very request that the gate makes.
  const { decisions } = createJudge(asGate);
  const list = async (): Promise<number> => {
    const start = performance.now();
    await decisions({ namespace: "gated", name: "waiting" });
    return performance.now() - start;
  };
  const measures = [() => gate.send(waiting, false), list, list];
  const measured: { denial: number; list: number; again: number }[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    const times = [0, 0, 0];
    for (let turn = 0; turn < 3; turn++) {
      // Which is first changes.
      const index = (turn + round + warmUps) % 3;
      // Until the gate has looked at the Deployment, as it does after a denial.
      await sleep(300);
      times[index] = (await measures[index]?.()) ?? Number.NaN;
    }
    const [denial = 0, bare = 0, again = 0] = times;
    if (round >= 0) measured.push({ denial, list: bare, again });
  }
  for (const [what, differences, ours, target] of [
    ["denial by kev gate serve", measured.map((one) => one.denial - one.list), "denial", "≤ 20 ms"],
    ["another bare list", measured.map((one) => one.again - one.list), "again", "for comparison"],
  ] as const) {
    const [left, right] = [median(measured.map((one) => one[ours])), median(measured.map((one) => one.list))];
    report.add({
      what: `${what} less the bare list, ${otherEvents} events, ${rounds} pairs: p50; p99`,
      median: `${percentile(differences, 50).toFixed(1)}; ${percentile(differences, 99).toFixed(1)} ms`,
      range: `${Math.min(...differences).toFixed(1)}–${Math.max(...differences).toFixed(1)} ms`,
      wall: `${left.toFixed(0)} / ${right.toFixed(0)} ms`,
      target,
    });
  }
}

async function rates(
  { gate, talk }: { gate: ReviewClient; talk: ReviewClient },
  { approved, waiting }: Releases,
  report: Report,
): Promise<void> {
  for (const [what, review, isAllowed, number] of [
    ["admissions", approved, true, 4_000],
    ["denials", waiting, false, 100],
  ] as const) {
    report.progress(`${what}, as many as go…`);
    const rate = async (client: ReviewClient, count: number): Promise<number> => {
      await client.send(review, isAllowed);
      return await asFastAsCan(connections, count, () => client.send(review, isAllowed));
    };
    const [ours, theirs] = [await rate(gate, number), await rate(talk, 24)];
    report.add({
      what: `${what} a second among ${otherEvents} events, ${connections} connections, kev gate serve / the talk's webhook`,
      median: (ours / theirs).toFixed(0),
      wall: `${ours.toFixed(0)} / ${theirs.toFixed(1)} per s`,
      target: "≥ 50",
    });
  }
}

/** Every fourth is denied, and every two-thousandth by a list of many events. */
async function memory(gate: ReviewClient, { approved, waiting, quiet }: Releases, report: Report): Promise<void> {
  const few = reviewsInAll / 10;
  report.progress(`${reviewsInAll} reviews…`);
  const start = performance.now();
  const send = (index: number): Promise<number> => {
    if (index % 4 !== 1) return gate.send(approved, true);
    return gate.send(index % 2_000 === 1 ? waiting : quiet, false);
  };
  const sizeAfter = async (number: number): Promise<number> => {
    await asFastAsCan(connections, number, send);
    await sleep(1_000);
    return await gate.memory();
  };
  const [first, last] = [await sizeAfter(few), await sizeAfter(reviewsInAll - few)];
  report.add({
    what: `resident memory of kev gate serve after ${reviewsInAll} / ${few} reviews, every fourth denied`,
    median: (last / first).toFixed(2),
    wall: `${last.toFixed(0)} / ${first.toFixed(0)} MiB in ${((performance.now() - start) / 1_000).toFixed(0)} s`,
    target: "flat",
  });
}
