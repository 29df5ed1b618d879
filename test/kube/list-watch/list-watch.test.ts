import type { ServerResponse } from "node:http";
import { constants, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../../src/kube/connect.ts";
import { type ListWatchOptions, type ListWatchStep, listWatch } from "../../../src/kube/list-watch/list-watch.ts";
import type { Clock } from "../../../src/util/clock.ts";
import { type ApiStub, json, startApiStub } from "../../support/api-stub.ts";
import { type FakeClock, fakeClock } from "../../support/fake-clock.ts";

const path = "/api/v1/namespaces/prod/pods";

let stub: ApiStub;
let connection: StreamingConnection;
let clock: FakeClock;
let ended: AbortController;
let running: AsyncGenerator<ListWatchStep<KubeObject>, void> | undefined;

beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent" });
  clock = fakeClock("2026-05-01T12:00:00Z");
  ended = new AbortController();
});
afterEach(async () => {
  ended.abort();
  await running?.return();
  running = undefined;
  connection.close();
  await stub.close();
});

function start(options: Partial<ListWatchOptions> = {}): AsyncGenerator<ListWatchStep<KubeObject>, void> {
  running = listWatch(connection, { path, signal: ended.signal, clock, random: () => 0, ...options });
  return running;
}

/** The next steps in short: `listed a 3`, `synced 10 start`, `failed list 250 LINE`. */
async function next(steps: AsyncGenerator<ListWatchStep<KubeObject>, void>, count: number): Promise<string[]> {
  const told: string[] = [];
  while (told.length < count) {
    const { done, value: step } = await steps.next();
    if (done) return [...told, "end"];
    told.push(shortened(step));
  }
  return told;
}

function shortened(step: ListWatchStep<KubeObject>): string {
  if (step.type === "synced") return `synced ${step.resourceVersion} ${step.cause}`;
  if (step.type === "failed") return `failed ${step.during} ${step.retryIn} ${step.error.line}`;
  return `${step.change} ${step.object.metadata.name} ${step.object.metadata.resourceVersion}`;
}

/** What was asked, in short: `list`, `list TOKEN`, `watch VERSION`. */
function asked(): string[] {
  return stub.requests.map(({ url }) => {
    const query = new URL(url, stub.url).searchParams;
    if (query.get("watch")) return `watch ${query.get("resourceVersion")}`;
    return `list ${query.get("continue") ?? ""}`.trim();
  });
}

const object = (name: string, resourceVersion: string): KubeObject => ({
  metadata: { name, uid: `uid-${name}`, resourceVersion },
});

const list = (resourceVersion: string, items: KubeObject[] | null = [], token?: string, status = 200) =>
  json({ kind: "PodList", apiVersion: "v1", metadata: { resourceVersion, continue: token }, items }, status);

const refusal = (code: number, reason: string, headers: Record<string, string> = {}) =>
  json({ kind: "Status", status: "Failure", reason, message: reason.toLowerCase(), code }, code, headers);

const added = (name: string, resourceVersion: string) => ({ type: "ADDED", object: object(name, resourceVersion) });
const error = (code: number, reason: string) => ({
  type: "ERROR",
  object: { kind: "Status", status: "Failure", reason, message: reason.toLowerCase(), code },
});

/** A watch with these events; texts are sent as they are. */
function watch(events: readonly unknown[], finish: "end" | "cut" | "stay" = "end") {
  return (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const lines = events.map((event) => (typeof event === "string" ? event : `${JSON.stringify(event)}\n`));
    response.write(lines.join(""), () => {
      if (finish === "end") response.end();
      if (finish === "cut") response.destroy();
    });
  };
}

/** A watch with one event, packed, that stays open. */
function packedWatch(event: unknown): (response: ServerResponse) => void {
  const packed = gzipSync(`${JSON.stringify(event)}\n`, { finishFlush: constants.Z_SYNC_FLUSH });
  return (response) => response.writeHead(200, { "content-encoding": "gzip" }).write(packed);
}

const eof = "Unable to connect to the server: unexpected EOF";

describe("a list", () => {
  test("comes in pages of one snapshot, its items named; the watch goes on from it", async () => {
    stub.next(list("10", [object("a", "3")], "t1"));
    stub.next(list("10", [object("b", "9")]));
    stub.next(watch([added("c", "11"), { type: "MODIFIED", object: object("a", "12") }], "stay"));
    const steps = start({ fieldSelector: "reason=Approval,type!=Normal", labelSelector: "app in (a,b)", pageSize: 1 });

    expect((await steps.next()).value).toEqual({
      type: "change",
      change: "listed",
      object: { apiVersion: "v1", kind: "Pod", ...object("a", "3") },
    });
    expect(await next(steps, 4)).toEqual(["listed b 9", "synced 10 start", "added c 11", "modified a 12"]);
    const selectors = { fieldSelector: "reason=Approval,type!=Normal", labelSelector: "app in (a,b)" };
    const queries = stub.requests.map(({ url }) => {
      const asked = new URL(url, stub.url);
      return [asked.pathname, Object.fromEntries(asked.searchParams)];
    });
    expect(queries).toEqual([
      [path, { ...selectors, limit: "1" }],
      [path, { ...selectors, limit: "1", continue: "t1" }],
      [path, { ...selectors, watch: "1", allowWatchBookmarks: "true", resourceVersion: "10", timeoutSeconds: "60" }],
    ]);
  });

  test("of null is empty; without a page size it comes whole, and 1000 is the default", async () => {
    stub.next(list("10", null));
    stub.next(watch([error(500, "Broken")]));
    stub.next(list("11"));
    expect(await next(start({ pageSize: 0 }), 1)).toEqual(["synced 10 start"]);
    await next(start({}), 1);
    expect(stub.requests.map(({ url }) => url)).toEqual([path, `${path}?limit=1000`]);
    expect(stub.requests).toHaveLength(2);
  });

  test("asks for a page that failed again, with its token, and waits longer each time", async () => {
    stub.next(list("10", [object("a", "3")], "t1"));
    stub.next(refusal(500, "InternalError"));
    stub.next((response) => response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy()));
    stub.next(refusal(429, "TooManyRequests", { "retry-after": "7" }));
    stub.next(list("10", [object("b", "4")]));
    const steps = start();
    expect(await next(steps, 6)).toEqual([
      "listed a 3",
      "failed list 125 Error from server (InternalError): internalerror",
      `failed list 250 ${eof}`,
      "failed list 7000 Error from server (TooManyRequests): toomanyrequests",
      "listed b 4",
      "synced 10 start",
    ]);
    expect(clock.slept).toEqual([125, 250, 7000]);
    expect(asked()).toEqual(["list", "list t1", "list t1", "list t1", "list t1"]);
  });

  test("begins again when its snapshot is forgotten: in silence once, after a wait from then on", async () => {
    stub.next(list("10", [object("a", "3"), object("b", "4")], "t1"));
    stub.next(refusal(410, "Expired"));
    stub.next(list("20", [object("a", "3"), object("b", "14")], "t2"));
    stub.next(refusal(410, "Expired"));
    stub.next(list("30", [object("a", "3"), object("b", "14"), object("c", "1")]));
    expect(await next(start(), 6)).toEqual([
      "listed a 3",
      "listed b 4",
      "listed b 14",
      "failed list 125 Error from server (Expired): expired",
      "listed c 1",
      "synced 30 start",
    ]);
    expect(asked()).toEqual(["list", "list t1", "list", "list t2", "list"]);
  });

  test("that gets on waits as after a first failure; one that begins again and again waits longer each time", async () => {
    stub.next(list("10", [object("a", "1")], "t1"));
    stub.next(refusal(500, "InternalError"));
    stub.next(list("10", [object("b", "2")], "t2"));
    stub.next(refusal(500, "InternalError"));
    stub.next(refusal(410, "Expired"));
    for (const version of ["20", "30"]) {
      stub.next(list(version, [], "t3"));
      stub.next(list(version, [], "t4"));
      stub.next(refusal(410, "Expired"));
    }
    stub.next(list("40"));
    await next(start(), 7);
    expect(clock.slept).toEqual([125, 125, 250, 500]);
  });

  test("begins again when its token is not understood", async () => {
    stub.next(list("10", [object("a", "3")], "t1"));
    stub.next(refusal(400, "BadRequest"));
    stub.next(list("20", [object("a", "3"), object("b", "4")]));
    const steps = ["listed a 3", "failed list 125 Error from server (BadRequest): badrequest", "listed b 4"];
    expect(await next(start(), 3)).toEqual(steps);
    expect(asked()).toEqual(["list", "list t1", "list"]);
  });

  test("is asked for again for ever, whatever the answer; the waits end at 30 s", async () => {
    const answers = [refusal(403, "Forbidden"), refusal(404, "NotFound"), json([]), json({ items: [] })];
    for (const answer of answers) stub.next(answer);
    for (const items of [{}, [{}], ["a"]]) stub.next(json({ metadata: { resourceVersion: "1" }, items }));
    stub.next(list("", []));
    for (let i = 0; i < 3; i++) stub.next(refusal(500, "InternalError"));
    stub.next(list("5"));
    const path500 = `Error from server: GET ${path} answered HTTP 200`;
    expect(await next(start(), 12)).toEqual([
      "failed list 125 Error from server (Forbidden): forbidden",
      "failed list 250 Error from server (NotFound): notfound",
      `failed list 500 ${path500} without a JSON object: []`,
      `failed list 1000 ${path500} without a list`,
      `failed list 2000 ${path500} without a list`,
      `failed list 4000 ${path500} with items that are no objects`,
      `failed list 8000 ${path500} with items that are no objects`,
      `failed list 15000 ${path500} with a list without resourceVersion`,
      ...Array.from({ length: 3 }, () => "failed list 15000 Error from server (InternalError): internalerror"),
      "synced 5 start",
    ]);
  });

  test("that never comes is given up", async () => {
    stub.next(() => undefined);
    stub.next(list("10"));
    expect(await next(start({ pageSeconds: 0.5 }), 2)).toEqual([
      "failed list 125 Unable to connect to the server: no whole list within 0.5s",
      "synced 10 start",
    ]);
  });
});

describe("a watch", () => {
  test("that the server ends is gone on with at once, from the newest version: bookmarks and deletions count", async () => {
    stub.next(list("10"));
    stub.next(watch([added("a", "11"), { type: "DELETED", object: object("a", "12") }]));
    stub.next(watch([{ type: "BOOKMARK", object: { metadata: { resourceVersion: "40" } } }]));
    stub.next(watch([added("b", "39"), added("b", "41")], "stay"));
    expect(await next(start(), 3)).toEqual(["synced 10 start", "added a 11", "added b 41"]);
    expect(asked()).toEqual(["list", "watch 10", "watch 12", "watch 40"]);
    expect(clock.slept).toEqual([]);
  });

  test("that ends at once and empty is begun again after a wait, in silence", async () => {
    stub.next(list("10"));
    for (let i = 0; i < 3; i++) stub.next(watch([]));
    stub.next(watch([added("a", "11")]));
    stub.next(watch([]));
    stub.next(watch([added("b", "12")], "stay"));
    expect(await next(start(), 3)).toEqual(["synced 10 start", "added a 11", "added b 12"]);
    expect(clock.slept).toEqual([125, 250, 500, 125]);
  });

  test("that stood for a second has worked though it brought nothing", async () => {
    let now = 0;
    const slept: number[] = [];
    const passing: Clock = {
      now: () => {
        now += 1_000;
        return new Date(now);
      },
      sleep: async (time) => void slept.push(time),
    };
    stub.next(list("10"));
    stub.next(watch([]));
    stub.next(watch([], "cut"));
    stub.next(watch([], "cut"));
    stub.next(watch([added("a", "11")], "stay"));
    const failed = `failed watch 125 ${eof}`;
    expect(await next(start({ clock: passing }), 4)).toEqual(["synced 10 start", failed, failed, "added a 11"]);
    expect(slept).toEqual([125, 125]);
  });

  test("that is cut, refused or unanswered goes on where it was; what comes twice is yielded once", async () => {
    stub.next(list("10"));
    stub.next(watch([added("a", "11"), '{"type":"ADDED","obj'], "cut"));
    stub.next(refusal(503, "ServiceUnavailable", { "retry-after": "3" }));
    // The first time may be the kept connection's fault, and is tried again without a word.
    for (let i = 0; i < 2; i++) stub.next((response) => response.destroy());
    stub.next(refusal(403, "Forbidden"));
    stub.next(json("<html>", 502));
    stub.next(watch([added("a", "11"), added("b", "12")]));
    stub.next(refusal(500, "InternalError"));
    stub.next(watch([added("c", "13")], "stay"));
    expect(await next(start(), 10)).toEqual([
      "synced 10 start",
      "added a 11",
      `failed watch 125 ${eof}`,
      "failed watch 3000 Error from server (ServiceUnavailable): serviceunavailable",
      "failed watch 500 Unable to connect to the server: EOF",
      "failed watch 1000 Error from server (Forbidden): forbidden",
      `failed watch 2000 Error from server: GET ${path} answered HTTP 502: "<html>"`,
      "added b 12",
      "failed watch 125 Error from server (InternalError): internalerror",
      "added c 13",
    ]);
    const [, ...watches] = asked();
    expect(watches).toEqual([...["10", "11", "11", "11", "11", "11", "11", "12", "12"].map((mark) => `watch ${mark}`)]);
  });

  test("that ends within a line, as if whole, was cut", async () => {
    stub.next(list("10"));
    stub.next(watch(['{"type":"ADDED","obj']));
    stub.next(watch([JSON.stringify(added("a", "11"))], "end"));
    expect(await next(start(), 3)).toEqual(["synced 10 start", `failed watch 125 ${eof}`, "added a 11"]);
  });

  test.each([
    ["before an answer", () => undefined],
    ["after its head", watch([], "stay")],
  ])("that is silent %s is replaced", async (_name, silent: (response: ServerResponse) => void) => {
    stub.next(list("10"));
    stub.next(silent);
    stub.next(watch([added("a", "11")], "stay"));
    const options = { watchSeconds: [0, 0], graceSeconds: 0.05 } as const;
    expect(await next(start(options), 3)).toEqual([
      "synced 10 start",
      "failed watch 125 Unable to connect to the server: the watch was silent for 0.05s",
      "added a 11",
    ]);
  });

  test("is not silent while the caller takes their time", async () => {
    stub.next(list("10"));
    stub.next(watch([added("a", "11"), added("b", "12")], "stay"));
    const steps = start({ watchSeconds: [0, 0], graceSeconds: 0.05 });
    await next(steps, 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await next(steps, 1)).toEqual(["added b 12"]);
  });

  test("may be packed", async () => {
    let cut = (): void => undefined;
    stub.next(list("10"));
    stub.next((response) => {
      packedWatch(added("a", "11"))(response);
      cut = () => void response.destroy();
    });
    stub.next(watch([added("b", "12")], "stay"));
    const steps = start();
    expect(await next(steps, 2)).toEqual(["synced 10 start", "added a 11"]);
    cut();
    expect(await next(steps, 2)).toEqual([`failed watch 125 ${eof}`, "added b 12"]);
  });

  test("is not ended by the time limit of requests", async () => {
    connection.close();
    connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent", requestTimeout: "100ms" });
    stub.next(list("10"));
    stub.next((response) => {
      watch([added("a", "11")], "stay")(response);
      setTimeout(() => response.write(`\n${JSON.stringify(added("b", "12"))}\n`), 300);
    });
    expect(await next(start(), 3)).toEqual(["synced 10 start", "added a 11", "added b 12"]);
  });

  test.each([
    [0, "60"],
    [0.5, "90"],
    [0.999, "120"],
  ])("lasts a random time: %d gives %s s", async (value, seconds) => {
    stub.next(list("10"));
    stub.next(watch([added("a", "11")], "stay"));
    await next(start({ random: () => value }), 2);
    expect(stub.requests[1]?.url).toContain(`&timeoutSeconds=${seconds}`);
  });
});

describe("a history that the server has forgotten", () => {
  test.each([
    ["an ERROR", watch([error(410, "Expired")])],
    ["an ERROR after events", watch([error(410, "Gone")])],
    ["the status of the request", refusal(410, "Expired")],
  ])("said by %s, is made good by a list of what is newer, and is no failure", async (_name, answer) => {
    stub.next(list("10", [object("a", "3")]));
    stub.next(watch([added("b", "11")]));
    stub.next(answer);
    stub.next(list("50", [object("a", "3"), object("b", "11"), object("c", "12")]));
    stub.next(watch([added("d", "51")], "stay"));
    expect(await next(start(), 6)).toEqual([
      "listed a 3",
      "synced 10 start",
      "added b 11",
      "listed c 12",
      "synced 50 expired",
      "added d 51",
    ]);
    expect(asked()).toEqual(["list", "watch 10", "watch 11", "list", "watch 50"]);
    expect(clock.slept).toEqual([]);
  });

  test("again and again, is a failure that is waited for; a watch that worked makes it none", async () => {
    stub.next(list("10"));
    for (const mark of ["11", "12", "13"]) {
      stub.next(watch([error(410, "Expired")]));
      stub.next(list(mark));
    }
    stub.next(watch([added("a", "14")]));
    stub.next(watch([error(410, "Expired")]));
    stub.next(list("15"));
    expect(await next(start(), 8)).toEqual([
      "synced 10 start",
      "synced 11 expired",
      "failed watch 125 Error from server (Expired): expired",
      "synced 12 expired",
      "failed watch 250 Error from server (Expired): expired",
      "synced 13 expired",
      "added a 14",
      "synced 15 expired",
    ]);
  });

  test("is made good though the list fails", async () => {
    stub.next(list("10"));
    stub.next(watch([error(410, "Expired")]));
    stub.next(refusal(500, "InternalError"));
    stub.next(list("50", [object("a", "12")]));
    const failed = "failed list 125 Error from server (InternalError): internalerror";
    expect(await next(start(), 4)).toEqual(["synced 10 start", failed, "listed a 12", "synced 50 expired"]);
  });
});

describe("a watch that cannot go on", () => {
  test("for an ERROR, is followed by a list", async () => {
    stub.next(list("10"));
    stub.next(watch([added("a", "11"), error(500, "InternalError")]));
    stub.next(list("50", [object("a", "11"), object("b", "12")]));
    expect(await next(start(), 5)).toEqual([
      "synced 10 start",
      "added a 11",
      "failed watch 125 Error from server (InternalError): internalerror",
      "listed b 12",
      "synced 50 error",
    ]);
  });

  test("for a line that is no event, is tried once more from there, then listed", async () => {
    stub.next(list("10"));
    stub.next(watch([added("a", "11"), "nonsense\n"]));
    stub.next(watch([added("b", "12"), "nonsense\n"]));
    stub.next(watch(["nonsense\n"]));
    stub.next(list("50", [object("c", "13")]));
    stub.next(watch(["nonsense\n"]));
    stub.next(watch([added("d", "51")], "stay"));
    const nonsense = `Error from server: GET ${path} answered HTTP 200 without JSON: nonsense`;
    expect(await next(start(), 10)).toEqual([
      "synced 10 start",
      "added a 11",
      `failed watch 125 ${nonsense}`,
      "added b 12",
      `failed watch 125 ${nonsense}`,
      `failed watch 250 ${nonsense}`,
      "listed c 13",
      "synced 50 error",
      `failed watch 500 ${nonsense}`,
      "added d 51",
    ]);
    expect(asked()).toEqual(["list", "watch 10", "watch 11", "watch 12", "list", "watch 50", "watch 50"]);
  });

  test("for a version that is none, is followed by a list", async () => {
    stub.next(refusal(400, "BadRequest"));
    stub.next(list("50", [object("a", "1")]));
    expect(await next(start({ from: "x" }), 3)).toEqual([
      "failed watch 125 Error from server (BadRequest): badrequest",
      "listed a 1",
      "synced 50 error",
    ]);
  });
});

describe("from a version", () => {
  test("it watches, and lists only when that is forgotten, and then what is newer", async () => {
    stub.next(watch([added("a", "21")]));
    stub.next(watch([error(410, "Expired")]));
    stub.next(list("50", [object("a", "21"), object("b", "20"), object("c", "100000000000000000000001")]));
    expect(await next(start({ from: "20" }), 3)).toEqual([
      "added a 21",
      "listed c 100000000000000000000001",
      "synced 50 expired",
    ]);
    expect(asked()).toEqual(["watch 20", "watch 21", "list"]);
  });

  test.each(["", "0"])("%j it lists, for it says nothing", async (from) => {
    stub.next(list("10", [object("a", "3")]));
    expect(await next(start({ from }), 2)).toEqual(["listed a 3", "synced 10 start"]);
  });
});

test("with deletions those are told, seen or not", async () => {
  stub.next(list("10", [object("a", "3"), object("b", "4")]));
  stub.next(watch([{ type: "DELETED", object: object("a", "11") }, error(410, "Expired")]));
  stub.next(list("50", [object("c", "12")]));
  expect(await next(start({ deletions: true }), 7)).toEqual([
    "listed a 3",
    "listed b 4",
    "synced 10 start",
    "deleted a 11",
    "listed c 12",
    "deleted b 4",
    "synced 50 expired",
  ]);
});

test("what the caller has already, and deletions that a watch shows, are told where they are asked for", async () => {
  const deleted = { type: "DELETED", object: object("b", "13") };
  stub.next(watch([added("a", "11"), deleted, error(410, "Expired")]));
  stub.next(list("20", [object("a", "11"), object("c", "15")]));
  const steps = start({ from: "10", deletions: "watched", present: true });
  expect(await next(steps, 5)).toEqual([
    "added a 11",
    "deleted b 13",
    "present a 11",
    "listed c 15",
    "synced 20 expired",
  ]);
});

test("says when a list begins, when a watch is accepted, and when one has ended in time", async () => {
  const told: string[] = [];
  stub.next(list("10", [], "t1"));
  stub.next(refusal(500, "InternalError"));
  stub.next(refusal(410, "Expired"));
  stub.next(list("20"));
  // Ended at once: not even this server says that all is well.
  stub.next(watch([]));
  stub.next(watch([added("a", "21")]));
  stub.next(watch([added("b", "22")], "cut"));
  stub.next(refusal(403, "Forbidden"));
  stub.next(watch([error(410, "Expired")]));
  stub.next(list("30"));
  const steps = start({
    onList: () => void told.push("list"),
    onWatch: (state) => void told.push(`watch ${state}`),
  });
  const log = async (count: number) => {
    for (const step of await next(steps, count)) told.push(step);
  };
  for (let step = 0; step < 6; step++) await log(1);
  expect(told).toEqual([
    "list",
    expect.stringMatching(/^failed list 125 /),
    "list",
    "synced 20 start",
    "watch accepted",
    "watch accepted",
    "added a 21",
    "watch ended",
    "watch accepted",
    "added b 22",
    expect.stringMatching(/^failed watch /),
    expect.stringMatching(/^failed watch /),
  ]);
  told.length = 0;
  await log(1);
  expect(told).toEqual(["watch accepted", "list", "synced 30 expired"]);
});

test("a slow caller slows the reading: the server cannot send more than the buffers on the way hold", async () => {
  const line = `${JSON.stringify({ type: "ADDED", object: { ...object("a", "11"), message: "x".repeat(65_536) } })}\n`;
  let sent = 0;
  let stalled: Promise<void> | undefined;
  stub.next(list("10"));
  stub.next((response) => {
    response.writeHead(200);
    stalled = new Promise((resolve) => {
      const write = (): void => {
        while (sent < 4_000) {
          sent++;
          if (!response.write(line)) break;
        }
      };
      // Not drained in all this time: nobody reads.
      let timer = setTimeout(resolve, 300);
      response.on("drain", () => {
        clearTimeout(timer);
        timer = setTimeout(resolve, 300);
        write();
      });
      write();
    });
  });
  await next(start(), 2);
  await stalled;
  // 260 MB if all had been taken.
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(1_000);
});

describe("the end", () => {
  /** Resolves when the server sees that the answer's connection has gone. */
  const closed = (response: ServerResponse): Promise<void> => new Promise((resolve) => response.once("close", resolve));

  test("before the start: nothing is asked", async () => {
    ended.abort();
    expect(await next(start(), 1)).toEqual(["end"]);
    expect(stub.requests).toEqual([]);
  });

  test.each(["list", "watch before an answer", "watch"])(
    "during a %s is quiet and ends the connection",
    async (when) => {
      let gone: Promise<void> | undefined;
      const arrived = new Promise<void>((resolve) => {
        if (when !== "list") stub.next(list("10"));
        stub.next((response) => {
          gone = closed(response);
          if (when === "watch") watch([added("a", "11")], "stay")(response);
          resolve();
        });
      });
      const steps = start();
      if (when === "watch") await next(steps, 2);
      else if (when !== "list") await next(steps, 1);
      const pending = steps.next();
      await arrived;
      ended.abort();
      expect(await pending).toEqual({ done: true, value: undefined });
      await gone;
    },
  );

  test("during a wait is quiet", async () => {
    stub.next(refusal(500, "InternalError", { "retry-after": "3600" }));
    const steps = start({ clock: undefined });
    await next(steps, 1);
    const pending = steps.next();
    setImmediate(() => ended.abort());
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(asked()).toEqual(["list"]);
  });

  test("between two steps: no further one comes, whatever is there", async () => {
    stub.next(list("10", [object("a", "3"), object("b", "4")]));
    const steps = start();
    await next(steps, 1);
    ended.abort();
    expect(await next(steps, 1)).toEqual(["end"]);
  });

  test.each(["plain", "packed"])("by leaving the loop ends the connection too: %s", async (form) => {
    let gone: Promise<void> | undefined;
    stub.next(list("10"));
    stub.next((response) => {
      gone = closed(response);
      if (form === "plain") watch([added("a", "11"), added("b", "12")], "stay")(response);
      else packedWatch(added("a", "11"))(response);
    });
    for await (const step of start()) if (step.type === "change") break;
    await gone;
    expect(asked()).toEqual(["list", "watch 10"]);
  });

  test("leaves nothing behind on the signal", async () => {
    const listeners = new Set<unknown>();
    const { signal } = ended;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      removeEventListener.apply(signal, args);
    };
    stub.next(list("10"));
    for (let i = 0; i < 5; i++) stub.next(watch([added("a", String(11 + i))], i % 2 ? "end" : "cut"));
    await next(start(), 8);
    expect(listeners.size).toBe(1);
    await running?.return();
    expect(listeners.size).toBe(0);
  });
});
