import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { hasReason, messageMatches } from "../../src/events/match.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type WaitForEventOptions, waitForEvent } from "../../src/read/wait-for-event.ts";
import { type HistoryServer, startHistoryServer } from "../kube/list-watch/history-server.ts";

let server: HistoryServer;
let connection: StreamingConnection;

beforeEach(async () => {
  server = await startHistoryServer();
  connection = await connect({ server: server.url, env: {}, homeDir: "/nonexistent" });
});
afterEach(async () => {
  connection.close();
  await server.close();
});

function write(name: string, reason: string, more: object = {}): void {
  server.write(name, { involvedObject: { kind: "Pod", name: "p" }, reason, ...more });
}

/** How it ended; `meanwhile` runs once the events that were there have been read. */
async function wait(options: WaitForEventOptions, meanwhile?: () => void): Promise<string> {
  const waiting = waitForEvent(connection, options);
  if (meanwhile) {
    // The list and the watch after it have been asked for.
    await server.watched();
    meanwhile();
  }
  const result = await waiting;
  if (result.outcome === "timed-out") return "timed out";
  const events = result.outcome === "failed" ? [result.event] : result.events;
  return `${result.outcome}: ${events.map(({ metadata, count = 1 }) => `${metadata.name} x${count}`).join(", ")}`;
}

const [a, b, bad] = [hasReason("A"), hasReason("B"), hasReason("Bad")];

describe("what is there already", () => {
  test("counts at once, all of it", async () => {
    write("one", "A", { count: 2, lastTimestamp: "2026-11-23T10:00:00Z" });
    write("two", "A", { lastTimestamp: "2026-11-23T09:00:00Z" });
    expect(await wait({ conditions: [a], count: 3 })).toBe("met: one x2");
    expect(await wait({ conditions: [a], count: 4, timeout: 0 })).toBe("timed out");
    expect(await wait({ conditions: [a, b], match: "all", timeout: 0 })).toBe("timed out");
    expect(await wait({ conditions: [a, b], timeout: 0 })).toBe("met: one x2");
  });

  test("fails if something has failed, whatever the names", async () => {
    write("a-good", "A");
    write("z-bad", "Bad");
    expect(await wait({ conditions: [a], failOn: bad })).toBe("failed: z-bad x1");
  });
});

describe("with onlyNew", () => {
  test("only what comes counts, of an event that was there only its new occurrences", async () => {
    write("one", "A", { count: 9 });
    const later = (): void => {
      write("one", "A", { count: 10 });
      write("one", "A", { count: 10, message: "no news" });
      write("one", "A", { count: 11 });
    };
    expect(await wait({ conditions: [a], onlyNew: true, count: 2 }, later)).toBe("met: one x11");
  });

  test("also where the matcher left it out before", async () => {
    write("one", "A", { count: 9, message: "old" });
    const later = (): void => {
      write("one", "A", { count: 10, message: "new" });
      write("one", "A", { count: 12, message: "new" });
    };
    const matcher = messageMatches(/new/);
    expect(await wait({ conditions: [a], matcher, onlyNew: true, count: 3 }, later)).toBe("met: one x12");
  });

  test("an old failure that is written again without a new occurrence is none", async () => {
    write("bad", "Bad");
    const later = (): void => {
      write("bad", "Bad", { message: "no news" });
      write("good", "A");
    };
    expect(await wait({ conditions: [a], failOn: bad, onlyNew: true }, later)).toBe("met: good x1");
  });
});

test("what a later list brings is judged as a whole", async () => {
  const later = (): void => {
    server.cut();
    write("z-bad", "Bad");
    write("a-good", "A");
    server.compact();
  };
  expect(await wait({ conditions: [a], failOn: bad }, later)).toBe("failed: z-bad x1");
});

test("all of several, each when it comes", async () => {
  write("one", "A");
  const later = (): void => write("two", "B");
  expect(await wait({ conditions: [a, b], match: "all" }, later)).toBe("met: one x1, two x1");
});

test("a time-out before anything could be read is a failure, and no event that did not come", async () => {
  await server.close();
  await expect(wait({ conditions: [a], timeout: 300 })).rejects.toMatchObject({ kind: "unreachable" });
  server = await startHistoryServer();
  connection = await connect({ server: server.url, env: {}, homeDir: "/nonexistent" });
  expect(await wait({ conditions: [a], timeout: 300 })).toBe("timed out");
});

test("ends with the signal's reason", async () => {
  const ended = new AbortController();
  const later = (): void => ended.abort(new Error("enough"));
  await expect(wait({ conditions: [a], signal: ended.signal }, later)).rejects.toThrow("enough");
});
