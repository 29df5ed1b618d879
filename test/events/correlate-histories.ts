import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CorrelationOptions, combinedPrefix } from "../../src/events/correlate.ts";
import type { KubeEvent } from "../../src/events/event.ts";
import { goBuild } from "../control-plane/go.ts";
import { moduleFolder } from "../control-plane/programs.ts";

// Histories of events, and what client-go's own correlator makes of them. `node test/events/correlate-histories.ts` writes them
// anew: it builds test/control-plane/correlate, which needs Go, and lets it replay the histories below.

export const goldenFile = join(import.meta.dirname, "../golden/client-go-correlation.jsonl");

/** The first line of the file. */
export const madeBy = `node test/events/correlate-histories.ts, with k8s.io/client-go ${clientGoVersion()}`;

function clientGoVersion(): string {
  const goMod = readFileSync(join(moduleFolder, "go.mod"), "utf8");
  return /k8s\.io\/client-go => k8s\.io\/client-go (v\S+)/.exec(goMod)?.[1] ?? "of an unknown version";
}

/** An event as it is written in a history: numbers, so that the file stays small. */
export type Step = readonly [
  /** Milliseconds since the one before. */
  after: number,
  object: number,
  type: number,
  reason: number,
  message: number,
  fieldPath: number,
];

/** What became of a step: not written, or an event, by the number of the step that made it; 1 for a combined one. */
export type StepOutcome = null | readonly [madeBy: number, count: number, isCombined: 0 | 1];

export interface History {
  readonly options: Required<Record<keyof CorrelationOptions, number>>;
  readonly steps: readonly Step[];
  readonly outcomes: readonly StepOutcome[];
}

const uids = ["u1", "u2", "u3", "u4"];

/** The event of a step; its name is the number of the step. */
export function eventOf([, object, type, reason, message, fieldPath]: Step, index: number): KubeEvent {
  return {
    metadata: { name: String(index), namespace: "prod" },
    involvedObject: {
      ...{ apiVersion: "v1", kind: "Pod", namespace: "prod", name: `pod-${object % 2}`, uid: uids[object] ?? "" },
      ...(fieldPath > 0 && { fieldPath: `spec.containers{c${fieldPath}}` }),
    },
    type: type === 0 ? "Normal" : "Warning",
    reason: `Reason${reason}`,
    message: `message ${message}`,
    source: { component: "test", host: "laptop" },
    reportingComponent: "test",
    reportingInstance: "laptop",
    count: 1,
  };
}

const sizes = { combineFrom: 10, combineWithin: 600_000, burst: 25, refillEvery: 300_000, remembered: 4_096 };
const kinds: readonly { options: History["options"]; number: number; length: number; shape: Shape }[] = [
  // Client-go's numbers: few objects, many messages, minutes between them.
  { options: sizes, number: 8, length: 120, shape: { objects: 1, reasons: 2, messages: 14, pause: 60_000 } },
  { options: sizes, number: 5, length: 100, shape: { objects: 2, reasons: 1, messages: 40, pause: 400_000 } },
  // Small ones, at whose edges every history is.
  {
    options: { ...sizes, combineFrom: 3, combineWithin: 10_000, burst: 4, refillEvery: 10_000 },
    ...{ number: 12, length: 80, shape: { objects: 2, reasons: 2, messages: 6, pause: 5_000 } },
  },
  {
    options: { ...sizes, combineFrom: 1 },
    number: 3,
    length: 30,
    shape: { objects: 2, reasons: 2, messages: 3, pause: 1_000 },
  },
  // Little memory. Nothing is throttled, since client-go also remembers what it does not write.
  {
    options: { ...sizes, combineFrom: 4, burst: 1_000, remembered: 3 },
    ...{ number: 8, length: 80, shape: { objects: 4, reasons: 2, messages: 8, pause: 1_000 } },
  },
];

interface Shape {
  readonly objects: number;
  readonly reasons: number;
  readonly messages: number;
  /** Milliseconds: the longest pause. */
  readonly pause: number;
}

function histories(): Omit<History, "outcomes">[] {
  const random = randomNumbers(1);
  return kinds.flatMap(({ options, number, length, shape }) =>
    Array.from({ length: number }, () => ({
      options,
      steps: Array.from({ length }, (): Step => {
        // Half of all follow at once; round numbers meet the edges of windows.
        const after = random(2) * random(11) * (shape.pause / 10);
        return [after, random(shape.objects), random(2), random(shape.reasons), random(shape.messages), random(2)];
      }),
    })),
  );
}

/** Numerical Recipes' generator: the same numbers everywhere, from 0 to below `most`. */
function randomNumbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

async function replayed(all: readonly Omit<History, "outcomes">[], program: string): Promise<History[]> {
  const input = all.map(({ options, steps }) => ({
    maxEvents: options.combineFrom,
    maxInterval: options.combineWithin / 1_000,
    burst: options.burst,
    qps: 1_000 / options.refillEvery,
    cache: options.remembered,
    events: steps.map((step, index) => ({ after: step[0], event: eventOf(step, index) })),
  }));
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(program, { maxBuffer: 2 ** 26 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input.map((history) => `${JSON.stringify(history)}\n`).join(""));
  });
  const replies = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Reply);
  return all.map((history, at) => ({ ...history, outcomes: outcomesOf(history.steps, replies[at] ?? []) }));
}

type Reply = readonly (null | { name: string; count: number; message: string })[];

/** Combined events are named after their object and the time: they are told by the first step that was part of them. */
function outcomesOf(steps: readonly Step[], reply: Reply): StepOutcome[] {
  const makers = new Map<string, number>();
  return steps.map((step, index) => {
    const one = reply[index];
    if (!one) return null;
    const { message = "" } = eventOf(step, index);
    if (one.message === message) return [Number(one.name), one.count, 0];
    if (one.message !== combinedPrefix + message) throw new Error(`Unexpected message: ${one.message}`);
    const key = JSON.stringify([one.name, ...step.slice(1, 4)]);
    const maker = makers.get(key) ?? index;
    makers.set(key, maker);
    return [maker, one.count, 1];
  });
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), "kev-correlate-"));
  try {
    const program = join(folder, "correlate");
    await goBuild({ package: "kev.dev/test/control-plane/correlate", output: program, env: process.env });
    const all = await replayed(histories(), program);
    await writeFile(goldenFile, [{ madeBy }, ...all].map((line) => `${JSON.stringify(line)}\n`).join(""));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
