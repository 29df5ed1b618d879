import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { SendError } from "../../src/sinks/send-error.ts";
import type { Sink, SinkServices, SinkType } from "../../src/sinks/sink.ts";
import { isRecord } from "../../src/util/is-record.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "./sample-delivery.ts";
import { sinkServices } from "./sink-services.ts";

/** One delivery as a receiver has it. */
export interface Receipt {
  readonly id: string;
  /** The event's message, where the receiver gets it whole. */
  readonly message?: string;
}

/**
 * What a receiver can be told to do until it is told otherwise: answer 500; 429 with `Retry-After: 7`; 400; 401 with all that
 * it was given in the answer; 200 with something that no such receiver says; nothing at all; cut the connection within
 * the answer; take so many events and fail then.
 */
export type Trouble = "500" | "429" | "400" | "401" | "garbage" | "hang" | "cut" | "half";

/** What stands at the other end of a sink. */
export interface Receiver {
  /** The sink's map in the config, without `type`, secrets resolved. */
  readonly options: Record<string, unknown>;
  /** Those of the options that must not be shown. */
  readonly secrets: readonly string[];
  /** What the sink has from outside, where it is not nothing. */
  readonly services?: Partial<SinkServices>;
  /** Everything that was taken, in order, again and again where it came again. */
  received(): Promise<readonly Receipt[]>;
  /** What came in, in the pieces that it came in. */
  bytes(): Promise<readonly string[]>;
  close(): Promise<void>;
  /** These four for receivers that can have troubles; `half` is how many events are taken in the trouble of that name. */
  misbehave?(trouble: Trouble, half?: number): void;
  behave?(): void;
  /** Resolves when the next request has come in whole. */
  arrival?(): Promise<void>;
}

export interface SinkContract {
  readonly type: SinkType;
  /** A new receiver for each test. */
  start(): Promise<Receiver>;
  /** Troubles that this receiver cannot have, or whose meaning the sink's own test checks. */
  readonly except?: readonly Trouble[];
}

const never = new AbortController().signal;

/** What every sink must do, whatever it sends to. Called from the test file of each sink. */
export function sinkContract({ type, start, except = [] }: SinkContract): void {
  describe(`${type.type} keeps the contract of sinks`, () => {
    let receiver: Receiver;
    let sink: Sink;
    beforeEach(async () => {
      receiver = await start();
      sink = await type.create(type.options.parse(receiver.options), sinkServices(receiver.services));
    });
    afterEach(async () => {
      await sink.close();
      await receiver.close();
    });

    test("hands on a whole batch, in order, each with its id", async () => {
      const result = await sink.send(batch, never);
      expect(result).toEqual({ refused: [] });
      expect(await ids(receiver)).toEqual(batch.map(({ id }) => id));
      expect(wrongMessages(await receiver.received(), batch)).toEqual([]);
    });

    test("goes on with the next batch", async () => {
      await sink.send(batch.slice(0, 2), never);
      await sink.send(batch.slice(2), never);
      expect(await ids(receiver)).toEqual(batch.map(({ id }) => id));
    });

    test("sends the same again when it is given the same", async () => {
      await sink.send(batch, never);
      const first = [...(await receiver.bytes())];
      await sink.send(batch, never);
      const both = await receiver.bytes();
      expect(both.slice(first.length)).toEqual(first);
      expect(await ids(receiver)).toEqual([...batch, ...batch].map(({ id }) => id));
    });

    test.each(difficult)("hands on %s", async (_what, delivery) => {
      expect(await sink.send([delivery], never)).toEqual({ refused: [] });
      expect(await ids(receiver)).toEqual([delivery.id]);
      expect(wrongMessages(await receiver.received(), [delivery])).toEqual([]);
    });

    test("sends nothing once its signal has aborted", async () => {
      const reason = new Error("stopped");
      await expect(sink.send(batch, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await receiver.received()).toEqual([]);
    });

    test("shows what it would send without sending it, and no secret", async () => {
      const preview = await sink.preview(batch);
      expect(preview).not.toBe("");
      expect(shown(preview, receiver.secrets)).toEqual([]);
      expect(await receiver.bytes()).toEqual([]);
      expect(await sink.preview(batch)).toBe(preview);
    });

    const troubles = (["500", "429", "400", "401", "garbage", "hang", "cut", "half"] as const).filter(
      (trouble) => !except.includes(trouble),
    );
    // Some receivers can have none, and `test.each` refuses an empty table.
    for (const trouble of troubles)
      test(`claims nothing that the receiver did not take: ${trouble}`, async () => {
        const { misbehave, behave } = troubled(receiver);
        misbehave(trouble, 2);
        const claimed = await claimedOf(sink, receiver, trouble);
        const taken = new Set(await ids(receiver));
        expect(claimed.filter((id) => !taken.has(id))).toEqual([]);
        behave();
        await sink.send(batch, never);
        expect(distinct(await ids(receiver))).toEqual(batch.map(({ id }) => id));
      });
  });

  describe(`${type.type} is declared as all sinks are`, () => {
    test("with a name in lower case, a summary in one line and a link", () => {
      expect(type.type).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(type.summary).toMatch(/^[A-Z].*[^.\s]$/);
      expect(type.documentation).toMatch(/^https:\/\//);
    });

    test("with a description of each option", () => {
      expect(undescribed(z.toJSONSchema(type.options, { io: "input" }), type.type)).toEqual([]);
    });

    test("so that unknown options are errors", async () => {
      const receiver = await start();
      await receiver.close();
      const result = type.options.safeParse({ ...receiver.options, nonsense: 1 });
      expect(result.error?.issues.map(({ code }) => code)).toEqual(["unrecognized_keys"]);
    });

    test("with an example that works", async () => {
      const { type: name, ...example }: Record<string, unknown> = parse(type.example);
      expect(name).toBe(type.type);
      for (const common of ["batch", "timeout", "retry", "fallback", "deadLetters", "queue"]) delete example[common];
      const sink = await type.create(type.options.parse(resolved(example)), sinkServices());
      expect(await sink.preview([sampleDelivery()])).not.toBe("");
      await sink.close();
    });
  });
}

const batch: readonly Delivery[] = [
  sampleDelivery(),
  bareDelivery("a"),
  sampleDelivery({
    id: "b/22",
    verb: "ADDED",
    replayed: true,
    event: storedEvent({ metadata: { name: "b", namespace: "prod", uid: "b", resourceVersion: "22" } }),
    object: { labels: { app: "ui" }, annotations: { note: "two\nlines" }, owners: [] },
  }),
  bareDelivery("c", { message: "quotes \" and ' and \\ and </script> and {{ event.message }} and ${x}" }),
];

const difficult: readonly (readonly [string, Delivery])[] = [
  [
    "letters of all scripts",
    bareDelivery("unicode", { message: "Ünïcödé 漢字 🙂 e\u0301 \u202e\u2028\u2029 \ufeffBOM" }),
  ],
  [
    "control characters",
    bareDelivery("control", { message: "\u0000\u0001 \u001b[31m \r\n\t \u007f \u0085 \ud800 end" }),
  ],
  ["a message of 1 MB", bareDelivery("large", { message: "0123456789abcdef".repeat(2 ** 16) })],
  ["an event without message, reason, type and times", bare()],
];

function bare(): Delivery {
  const event = { metadata: { uid: "bare", resourceVersion: "1" }, involvedObject: {} };
  return { id: "bare/1", verb: "ADDED", delta: 1, count: 1, time: "2026-11-23T09:30:00.000Z", event };
}

function troubled({ misbehave, behave }: Receiver) {
  if (!misbehave || !behave) throw new Error("This receiver can have no troubles: list them all in `except`");
  return { misbehave, behave };
}

/** The ids that a send under a trouble says were taken; everything else about its outcome is checked. */
async function claimedOf(sink: Sink, receiver: Receiver, trouble: Trouble): Promise<string[]> {
  const stop = new AbortController();
  const reason = new Error("took too long");
  if (trouble === "hang") receiver.arrival?.().then(() => stop.abort(reason));
  let refused: ReadonlySet<Delivery>;
  try {
    const result = await sink.send(batch, stop.signal);
    refused = new Set(result.refused.map(({ delivery }) => delivery));
    for (const { reason: why } of result.refused) expect(shown(why, receiver.secrets)).toEqual([]);
  } catch (error) {
    if (trouble === "hang") expect(error).toBe(reason);
    else checkError(error, trouble, receiver.secrets);
    return [];
  }
  if (trouble === "400") expect(refused.size).toBe(batch.length);
  // The others must throw: they are no refusal, and 200 with garbage, or for a half, may be one or the other.
  else expect(["garbage", "half"]).toContain(trouble);
  return batch.filter((delivery) => !refused.has(delivery)).map(({ id }) => id);
}

function checkError(error: unknown, trouble: Trouble, secrets: readonly string[]): void {
  expect(error).toBeInstanceOf(SendError);
  if (!(error instanceof SendError)) return;
  expect(error.retriable).toBe(trouble !== "400");
  expect(error.retryAfter).toBe(trouble === "429" ? 7_000 : undefined);
  expect(shown(`${error.message}\n${error.hint ?? ""}`, secrets)).toEqual([]);
}

async function ids(receiver: Receiver): Promise<string[]> {
  return (await receiver.received()).map(({ id }) => id);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** The receipts whose message is not the one that was sent. Halves of surrogate pairs cannot travel as UTF-8. */
function wrongMessages(receipts: readonly Receipt[], sent: readonly Delivery[]): Receipt[] {
  const messages = new Map(sent.map(({ id, event }) => [id, event.message ?? ""]));
  const whole = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");
  return receipts.filter(
    ({ id, message }) => message !== undefined && whole(message) !== whole(messages.get(id) ?? ""),
  );
}

function shown(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => text.includes(secret));
}

function undescribed(schema: unknown, path: string): string[] {
  if (!isRecord(schema)) return [];
  const inner = ["items", "additionalProperties"].flatMap((key) => undescribed(schema[key], path));
  const variants = ["anyOf", "oneOf", "allOf"].flatMap((key) => {
    return Array.isArray(schema[key]) ? schema[key].flatMap((variant) => undescribed(variant, path)) : [];
  });
  const members = Object.entries(isRecord(schema.properties) ? schema.properties : {}).flatMap(([name, member]) => {
    const here = `${path}.${name}`;
    const described = isRecord(member) && typeof member.description === "string" && member.description !== "";
    return [...(described ? [] : [here]), ...undescribed(member, here)];
  });
  return [...members, ...inner, ...variants];
}

/** `{ fromEnv: NAME }` and `{ fromFile: PATH }` as the config loader resolves them. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (!isRecord(value)) return value;
  if (typeof value.fromEnv === "string" || typeof value.fromFile === "string") return "https://example.com/secret";
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolved(member)]));
}
