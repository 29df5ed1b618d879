import { describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { SendError } from "../../src/sinks/send-error.ts";
import { type Entry, type PartResult, sendInParts } from "../../src/sinks/send-in-parts.ts";
import { bareDelivery } from "../support/sample-delivery.ts";

const never = new AbortController().signal;
const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((name) => bareDelivery(name)) as [
  Delivery,
  Delivery,
  Delivery,
  Delivery,
  Delivery,
];
const busy = new SendError("busy", { retriable: true });

/** A sender of two at a time, what it has sent, and what it is to answer, 500 where it is an error. */
function sender(
  answers: (PartResult | Error)[],
  entryOf = (delivery: Delivery): Entry | string => ({ delivery, bytes: 1 }),
) {
  const sent: string[] = [];
  const send = sendInParts<Entry>({
    limits: { entries: 2, bytes: 100 },
    entryOf,
    sendPart: async (entries) => {
      sent.push(entries.map(({ delivery }) => delivery.id).join(" "));
      const answer = answers.shift() ?? {};
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { send, sent };
}

describe("sendInParts", () => {
  test("sends request after request, and gathers what was refused", async () => {
    const { send, sent } = sender([{ refused: [{ delivery: b, reason: "odd" }] }]);
    expect(await send([a, b, c, d, e], never)).toEqual({ refused: [{ delivery: b, reason: "odd" }] });
    expect(sent).toEqual(["a/1 b/1", "c/1 d/1", "e/1"]);
  });

  test("ends at the first request that fails, and goes on with it when the batch comes again", async () => {
    const { send, sent } = sender([{ refused: [{ delivery: a, reason: "odd" }] }, busy]);
    await expect(send([a, b, c, d, e], never)).rejects.toBe(busy);
    expect(await send([a, b, c, d, e], never)).toEqual({ refused: [{ delivery: a, reason: "odd" }] });
    expect(sent).toEqual(["a/1 b/1", "c/1 d/1", "c/1 d/1", "e/1"]);
  });

  test("sends only those of a request again that were not settled", async () => {
    const failed = { deliveries: new Set([b]), error: busy };
    const { send, sent } = sender([{ failed }]);
    await expect(send([a, b, c], never)).rejects.toBe(busy);
    expect(await send([a, b, c], never)).toEqual({ refused: [] });
    expect(sent).toEqual(["a/1 b/1", "b/1 c/1"]);
  });

  test("knows what is settled when the batch comes again by halves", async () => {
    const { send, sent } = sender([{}, busy]);
    await expect(send([a, b, c, d], never)).rejects.toBe(busy);
    await send([a, b, c], never);
    await send([d], never);
    expect(sent).toEqual(["a/1 b/1", "c/1 d/1", "c/1", "d/1"]);
  });

  test("forgets a batch that it has sent: who sends it again means it", async () => {
    const { send, sent } = sender([]);
    await send([a], never);
    await send([a], never);
    expect(sent).toEqual(["a/1", "a/1"]);
  });

  test("refuses what the receiver would not keep without sending it", async () => {
    const { send, sent } = sender([], (delivery) => (delivery === a ? "too old" : { delivery, bytes: 1 }));
    expect(await send([a, b], never)).toEqual({ refused: [{ delivery: a, reason: "too old" }] });
    expect(await send([a], never)).toEqual({ refused: [{ delivery: a, reason: "too old" }] });
    expect(sent).toEqual(["b/1"]);
  });
});
