import { beforeEach, describe, expect, test } from "@jest/globals";
import type { DeadLetters } from "../../../src/route/delivery/dead-letters.ts";
import { createDeliverer, type Deliverer, type DelivererOptions } from "../../../src/route/delivery/deliver.ts";
import type { Delivery } from "../../../src/sinks/delivery.ts";
import { SendError } from "../../../src/sinks/send-error.ts";
import type { Refusal, SendResult, Sink } from "../../../src/sinks/sink.ts";
import { KevError } from "../../../src/util/errors.ts";
import { type FakeClock, fakeClock } from "../../support/fake-clock.ts";
import { type RecordingObserver, recordingObserver } from "../../support/recording-observer.ts";
import { bareDelivery } from "../../support/sample-delivery.ts";

let clock: FakeClock;
let observer: RecordingObserver;
let ended: AbortController;

beforeEach(() => {
  clock = fakeClock("2026-11-23T09:30:00Z");
  observer = recordingObserver();
  ended = new AbortController();
});

const a = bareDelivery("a");
const b = bareDelivery("b");
const c = bareDelivery("c");
const d = bareDelivery("d");

const busy = (retryAfter?: number) => new SendError("busy", { retriable: true, retryAfter });
const refusal = new SendError("malformed", { retriable: false });
const named = (batch: readonly Delivery[]) => batch.map(({ event }) => event.metadata.name).join("");

interface FakeSink extends Pick<Sink, "send"> {
  /** The batches that were sent, as the names of their events. */
  readonly sent: string[];
}

/** A sink that does what `answer` says to the batch with those names: an error is thrown, a text the names it refuses. */
function fakeSink(answer: (names: string, nth: number) => unknown = () => ""): FakeSink {
  const sent: string[] = [];
  return {
    sent,
    send: async (batch): Promise<SendResult> => {
      const names = named(batch);
      sent.push(names);
      const outcome = answer(names, sent.length);
      if (typeof outcome !== "string") throw outcome;
      const refused = batch.filter(({ event }) => outcome.includes(event.metadata.name ?? ""));
      return { refused: refused.map((delivery) => ({ delivery, reason: "too long" })) };
    },
  };
}

interface FakeDeadLetters extends DeadLetters {
  readonly kept: string[];
}

function fakeDeadLetters(answer: () => unknown = () => undefined): FakeDeadLetters {
  const kept: string[] = [];
  return {
    file: "dead.jsonl",
    kept,
    add: async (sink, refusals: readonly Refusal[]) => {
      const error = answer();
      if (error) throw error;
      kept.push(...refusals.map(({ delivery, reason }) => `${sink} ${delivery.event.metadata.name} ${reason}`));
    },
  };
}

function create(sink: Pick<Sink, "send">, more: Partial<DelivererOptions> & { giveUpAfter?: number } = {}): Deliverer {
  const { giveUpAfter, ...rest } = more;
  return createDeliverer({
    name: "chat",
    sink,
    policy: { timeout: 1_000, retry: { first: 500, longest: 4_000, giveUpAfter } },
    fallback: undefined,
    deadLetters: undefined,
    clock,
    random: () => 1,
    observer,
    ...rest,
  });
}

describe("a batch", () => {
  test("that is taken is told", async () => {
    const sink = fakeSink();
    const { deliver, problem } = create(sink);
    await deliver([a, b], ended.signal);
    expect(sink.sent).toEqual(["ab"]);
    expect(observer.told).toEqual([["sent", "chat", 2, 0]]);
    expect(problem()).toBeUndefined();
  });

  test("waits no more than an hour, and no longer than until it is given up, whatever the receiver asks for", async () => {
    const slow = fakeSink((_names, nth) => (nth === 1 ? busy(31_536_000_000) : ""));
    await create(slow).deliver([a], ended.signal);
    const dead = fakeSink(() => busy(31_536_000_000));
    const deadLetters = fakeDeadLetters();
    await create(dead, { giveUpAfter: 60_000, deadLetters }).deliver([b], ended.signal);
    expect(observer.told).toEqual([
      ["retried", "chat", "busy", 3_600_000],
      ["sent", "chat", 1, 0],
      ["retried", "chat", "busy", 60_000],
      ["deadLettered", "chat", 1, "busy"],
    ]);
    expect(deadLetters.kept).toEqual(["chat b busy"]);
  });

  test("is tried until it is taken, with longer and longer waits, and those that the receiver asks for", async () => {
    const failures = [busy(), busy(10_000), new Error("odd"), new KevError("failed", "odder"), busy(), busy()];
    const sink = fakeSink((_names, nth) => failures[nth - 1] ?? "");
    const { deliver, problem } = create(sink);
    const delivered = deliver([a], ended.signal);
    await Promise.resolve();
    await delivered;
    expect(observer.told).toEqual([
      ["retried", "chat", "busy", 500],
      ["retried", "chat", "busy", 10_000],
      ["retried", "chat", "odd", 2_000],
      ["retried", "chat", "odder", 4_000],
      ["retried", "chat", "busy", 4_000],
      ["retried", "chat", "busy", 4_000],
      ["sent", "chat", 1, 0],
    ]);
    expect(problem()).toBeUndefined();
  });

  test("that gets no answer is tried again, also where the client does not hear that its time is over", async () => {
    const answers: (() => Promise<SendResult>)[] = [() => new Promise(() => undefined), async () => ({ refused: [] })];
    const sink = { send: () => answers.shift()?.() ?? Promise.reject(new Error("too many")) };
    const { deliver } = create(sink, {
      policy: { timeout: 5, retry: { first: 1, longest: 1, giveUpAfter: undefined } },
    });
    await deliver([a], ended.signal);
    expect(observer.told).toEqual([
      ["retried", "chat", "no answer within 0.005s", 1],
      ["sent", "chat", 1, 0],
    ]);
  });

  test("that is refused as a whole takes nothing along", async () => {
    const sink = fakeSink((names) => (names.includes("c") ? refusal : ""));
    const deadLetters = fakeDeadLetters();
    await create(sink, { deadLetters }).deliver([a, b, c, d], ended.signal);
    expect(sink.sent).toEqual(["abcd", "ab", "cd", "c", "d"]);
    expect(deadLetters.kept).toEqual(["chat c malformed"]);
    expect(observer.told).toEqual([
      ["sent", "chat", 2, 0],
      ["sent", "chat", 1, 0],
      ["deadLettered", "chat", 1, "malformed"],
    ]);
  });

  test("of which a sink makes a mistake takes nothing along", async () => {
    const sink = fakeSink((names) => (names.includes("b") ? new RangeError("Invalid time value") : ""));
    const deadLetters = fakeDeadLetters();
    await create(sink, { deadLetters }).deliver([a, b], ended.signal);
    expect(sink.sent).toEqual(["ab", "a", "b"]);
    expect(deadLetters.kept).toEqual(["chat b Invalid time value"]);
  });

  test("of which a request failed is no mistake", async () => {
    const failure = new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
    const sink = fakeSink((_names, nth) => (nth === 1 ? failure : ""));
    const deadLetters = fakeDeadLetters();
    await create(sink, { deadLetters }).deliver([a, b], ended.signal);
    expect([sink.sent, deadLetters.kept]).toEqual([["ab", "ab"], []]);
  });
});

describe("what is refused", () => {
  test("goes to the fallback", async () => {
    const sink = fakeSink(() => "bc");
    const spare = fakeSink();
    const fallback = { name: "spare", sink: spare, timeout: 1_000 };
    const deadLetters = fakeDeadLetters();
    await create(sink, { fallback, deadLetters }).deliver([a, b, c], ended.signal);
    expect([sink.sent, spare.sent, deadLetters.kept]).toEqual([["abc"], ["bc"], []]);
    expect(observer.told).toEqual([
      ["sent", "chat", 1, 0],
      ["sent", "spare", 2, 0],
      ["fellBack", "chat", 2, "too long"],
    ]);
  });

  test("by the fallback as well goes to the dead letters", async () => {
    const fallback = { name: "spare", sink: fakeSink(() => "c"), timeout: 1_000 };
    const deadLetters = fakeDeadLetters();
    await create(
      fakeSink(() => "bc"),
      { fallback, deadLetters },
    ).deliver([a, b, c], ended.signal);
    expect(deadLetters.kept).toEqual(["chat c too long"]);
    expect(observer.told).toEqual([
      ["sent", "chat", 1, 0],
      ["sent", "spare", 1, 0],
      ["fellBack", "chat", 1, "too long"],
      ["deadLettered", "chat", 1, "too long"],
    ]);
  });

  test("waits for a fallback that fails for a while, and the sink's own problem stays told", async () => {
    const spare = fakeSink((_names, nth) => (nth === 1 ? busy() : ""));
    const fallback = { name: "spare", sink: spare, timeout: 1_000 };
    const { deliver, problem } = create(
      fakeSink(() => refusal),
      { fallback },
    );
    await deliver([a], ended.signal);
    expect(observer.told).toEqual([
      ["retried", "spare", "busy", 500],
      ["sent", "spare", 1, 0],
      ["fellBack", "chat", 1, "malformed"],
    ]);
    expect(problem()).toBeDefined();
  });

  test("and has no place to go is tried for ever", async () => {
    const sink = fakeSink((names, nth) => (nth < 4 && names.includes("b") ? "b" : ""));
    const { deliver } = create(sink);
    await deliver([a, b], ended.signal);
    expect(sink.sent).toEqual(["ab", "b", "b", "b"]);
    expect(observer.told).toEqual([
      ["sent", "chat", 1, 0],
      ["retried", "chat", "refused: too long", 500],
      ["retried", "chat", "refused: too long", 1_000],
      ["retried", "chat", "refused: too long", 2_000],
      ["sent", "chat", 1, 0],
    ]);
  });

  test("waits for dead letters that cannot be written", async () => {
    const failures = [new SendError("the disk is full", { retriable: true })];
    const deadLetters = fakeDeadLetters(() => failures.shift());
    const sink = fakeSink(() => "b");
    await create(sink, { deadLetters }).deliver([a, b], ended.signal);
    expect(sink.sent).toEqual(["ab", "b"]);
    expect(deadLetters.kept).toEqual(["chat b too long"]);
    expect(observer.told).toEqual([
      ["sent", "chat", 1, 0],
      ["retried", "chat", "the disk is full", 500],
      ["deadLettered", "chat", 1, "too long"],
    ]);
  });
});

describe("giving up", () => {
  test("sends a batch to the fallback when its time is over", async () => {
    const spare = fakeSink();
    const fallback = { name: "spare", sink: spare, timeout: 1_000 };
    const sink = fakeSink(() => busy());
    await create(sink, { fallback, giveUpAfter: 1_500 }).deliver([a, b], ended.signal);
    expect([sink.sent, spare.sent]).toEqual([["ab", "ab", "ab"], ["ab"]]);
    expect(observer.told).toEqual([
      ["retried", "chat", "busy", 500],
      ["retried", "chat", "busy", 1_000],
      ["sent", "spare", 2, 0],
      ["fellBack", "chat", 2, "busy"],
    ]);
  });

  test("is not done where there is no place to go", async () => {
    const sink = fakeSink((_names, nth) => (nth < 9 ? busy() : ""));
    await create(sink, { giveUpAfter: 1 }).deliver([a], ended.signal);
    expect(sink.sent).toHaveLength(9);
  });

  test("of one half of a refused batch leaves the other", async () => {
    const sink = fakeSink((names) => (names === "ab" ? refusal : names === "a" ? busy() : ""));
    const deadLetters = fakeDeadLetters();
    await create(sink, { deadLetters, giveUpAfter: 500 }).deliver([a, b], ended.signal);
    expect([sink.sent, deadLetters.kept]).toEqual([["ab", "a", "a", "b"], ["chat a busy"]]);
  });
});

describe("the end", () => {
  const reason = new Error("over");

  test("does not wait for an answer, also of a client that does not hear of it", async () => {
    const { deliver } = create({ send: () => new Promise(() => undefined) });
    const delivered = deliver([a], ended.signal);
    ended.abort(reason);
    await expect(delivered).rejects.toBe(reason);
    expect(observer.told).toEqual([]);
  });

  test("does not wait for dead letters on a disk that hangs", async () => {
    const add = () => new Promise<void>(() => ended.abort(reason));
    const sink = fakeSink(() => refusal);
    await expect(create(sink, { deadLetters: { file: "dead.jsonl", add } }).deliver([a], ended.signal)).rejects.toBe(
      reason,
    );
  });

  test("is not mistaken for a failure of the sink, and nothing is set aside for it", async () => {
    const deadLetters = fakeDeadLetters();
    const sink = fakeSink(() => {
      ended.abort(reason);
      return refusal;
    });
    await expect(create(sink, { deadLetters }).deliver([a, b], ended.signal)).rejects.toBe(reason);
    expect([sink.sent, deadLetters.kept, observer.told]).toEqual([["ab"], [], []]);
  });

  test("comes between two tries, too", async () => {
    const sink = fakeSink(() => busy());
    const deliverer = create(sink, {
      clock: { ...clock, sleep: async (_time, signal) => signal?.throwIfAborted() },
      observer: { ...observer, retried: () => ended.abort(reason) },
    });
    await expect(deliverer.deliver([a], ended.signal)).rejects.toBe(reason);
    expect([sink.sent, deliverer.problem()?.message]).toEqual([["a"], "busy"]);
  });
});
