import { describe, expect, test } from "@jest/globals";
import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import { type AnnouncerOptions, createAnnouncer } from "../../src/gate/announcer.ts";
import type { Judgement } from "../../src/gate/judge.ts";
import { releaseOfDeployment } from "../../src/gate/release.ts";
import type { ApiRequest } from "../../src/kube/connection.ts";
import { notFound } from "../kube/scripted-connection.ts";
import { conflict, scriptedEvents } from "../record/scripted-events.ts";
import { fakeClock } from "../support/fake-clock.ts";

const get = "GET /apis/apps/v1/namespaces/prod/deployments/ui";
const replicaSets = "GET /apis/apps/v1/namespaces/prod/replicasets?limit=500";
const patch = "PATCH /apis/apps/v1/namespaces/prod/deployments/ui/status?fieldManager=kev-gate";
const list = "GET /apis/apps/v1/namespaces/prod/deployments?limit=500";
const ui = { namespace: "prod", name: "ui" };

const template = (image: string): object => ({
  metadata: { labels: { app: "ui" } },
  spec: { containers: [{ name: "ui", image }] },
});

interface Shape {
  name?: string;
  conditions?: object[];
  spec?: object;
  metadata?: object;
}

const deployment = ({ name = "ui", conditions = [], spec = {}, metadata = {} }: Shape = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "prod", uid: `uid-${name}`, ...metadata },
  spec: { template: template("nginx:2"), ...spec },
  status: { conditions },
});

const replicaSet = (image: string): KubeObject => ({
  metadata: {
    name: "ui-1",
    namespace: "prod",
    ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "ui", uid: "uid-ui", controller: true }],
  },
  spec: { template: template(image) },
});
const old = { items: [replicaSet("nginx:1")] };
const out = { items: [replicaSet("nginx:1"), replicaSet("nginx:2")] };

const { digest } = releaseOfDeployment(deployment());
const decision: KubeEvent = {
  metadata: { name: "ui.1", annotations: { "kev.dev/approver": "jane" } },
  involvedObject: {},
};
const waits: Judgement = { admitted: false, reason: "NotApproved" };
const approved: Judgement = { admitted: true, reason: "Approved", event: decision, approver: "jane" };
const waitsText = {
  status: "False",
  reason: "NotApproved",
  message: `release ${digest} (ui=nginx:1 → nginx:2) waits for approval`,
};
const approvedText = {
  status: "True",
  reason: "Approved",
  message: `release ${digest} was approved by jane (event ui.1)`,
};
const now = "2026-11-24T12:00:00Z";
const before = "2026-11-24T11:00:00Z";
const condition = (text: object): object => ({
  type: "kev.dev/Approved",
  ...text,
  lastUpdateTime: before,
  lastTransitionTime: before,
});

function announcerOf(connection: ReturnType<typeof scriptedEvents>, judgements: Judgement[], more: object = {}) {
  const told: string[] = [];
  const clock = fakeClock(now);
  const options: AnnouncerOptions = {
    judge: {
      judge: async () => {
        const judgement = judgements.shift();
        if (judgement === undefined) throw new Error("Unexpected judgement");
        return judgement;
      },
    },
    signal: new AbortController().signal,
    clock,
    hostName: () => "gate-1",
    onApproved: ({ name }, { reason }) => told.push(`approved ${name} ${reason}`),
    onWaiting: ({ name }, { reason }) => told.push(`waits ${name} ${reason}`),
    onFailed: ({ name }, error, retryIn) => told.push(`failed ${name} ${String(error)} ${retryIn !== undefined}`),
    ...more,
  };
  return { announcer: createAnnouncer(connection, options), told, clock };
}

/** The bodies of what was patched. */
const patched = (connection: ReturnType<typeof scriptedEvents>): unknown[] =>
  connection.requests.filter(({ method }) => method === "PATCH").map(({ body }) => body);

describe("a release that waits", () => {
  test("is marked, people are asked, and the log is told", async () => {
    const connection = scriptedEvents(["stored"], { [get]: [deployment()], [replicaSets]: [old], [patch]: [{}] });
    const { announcer, told } = announcerOf(connection, [waits]);
    announcer.look(ui);
    await announcer.settled();
    expect(patched(connection)).toEqual([
      {
        metadata: { uid: "uid-ui" },
        status: {
          conditions: [{ type: "kev.dev/Approved", ...waitsText, lastUpdateTime: now, lastTransitionTime: now }],
        },
      },
    ]);
    expect(connection.created.map(({ body }) => body)).toMatchObject([
      {
        type: "Normal",
        reason: "ApprovalRequired",
        message: `Waits for approval: ui=nginx:1 → nginx:2; to approve: kev emit approve ui -n prod --digest ${digest}`,
        involvedObject: { kind: "Deployment", name: "ui", uid: "uid-ui" },
        source: { component: "kev-gate", host: "gate-1" },
      },
    ]);
    expect(told).toEqual(["waits ui NotApproved"]);
    expect(announcer.waiting).toBe(1);
  });

  test("is not marked again where it says so, nor told again; the event of another gate is enough", async () => {
    const marked = deployment({ conditions: [condition(waitsText)] });
    const event = (name = ""): object => ({ kind: "Event", metadata: { name, namespace: "prod" }, involvedObject: {} });
    const posts = [conflict("AlreadyExists"), conflict("AlreadyExists")];
    const connection = scriptedEvents(posts, { [get]: [marked, marked], [replicaSets]: [old, old] });
    const { request } = connection;
    connection.request = async <T>(asked: ApiRequest): Promise<T> =>
      asked.method === undefined && asked.path.includes("/events/")
        ? (event(asked.path.split("/").at(-1)) as T)
        : await request(asked);
    const { announcer, told } = announcerOf(connection, [waits, waits]);
    for (let round = 0; round < 2; round++) {
      announcer.look(ui);
      await announcer.settled();
    }
    expect(patched(connection)).toEqual([]);
    expect(connection.created).toHaveLength(2);
    expect(connection.created[0]?.body.metadata.name).toBe(connection.created[1]?.body.metadata.name);
    expect(told).toEqual(["waits ui NotApproved"]);
  });

  test.each<[string, Judgement]>([
    ["has been rejected", { admitted: false, reason: "Rejected", event: decision }],
    ["cannot be approved now", { admitted: false, reason: "Untrusted", problem: "there is no policy" }],
  ])("is marked, but nobody is asked, when it %s", async (_what, judgement) => {
    const connection = scriptedEvents([], { [get]: [deployment()], [replicaSets]: [old], [patch]: [{}] });
    const { announcer, told } = announcerOf(connection, [judgement]);
    announcer.look(ui);
    await announcer.settled();
    expect(patched(connection)).toMatchObject([{ status: { conditions: [{ reason: judgement.reason }] } }]);
    expect(told).toEqual([`waits ui ${judgement.reason}`]);
  });

  test("keeps the time of its condition's last transition while only the reason changes", async () => {
    const marked = deployment({ conditions: [condition({ ...waitsText, reason: "Expired" })] });
    const connection = scriptedEvents(["stored"], { [get]: [marked], [replicaSets]: [old], [patch]: [{}] });
    const { announcer } = announcerOf(connection, [waits]);
    announcer.look(ui);
    await announcer.settled();
    expect(patched(connection)).toMatchObject([
      { status: { conditions: [{ lastUpdateTime: now, lastTransitionTime: before }] } },
    ]);
  });
});

describe("a release that is approved", () => {
  test.each([
    ["that waited", condition(waitsText), now],
    ["that is marked so already: the write is the nudge", condition(approvedText), before],
  ])("is marked: one %s", async (_what, marked, lastTransitionTime) => {
    const found = deployment({ conditions: [marked] });
    const connection = scriptedEvents([], { [get]: [found], [replicaSets]: [old], [patch]: [{}] });
    const { announcer, told } = announcerOf(connection, [approved]);
    announcer.look(ui);
    await announcer.settled();
    expect(patched(connection)).toMatchObject([
      { status: { conditions: [{ ...approvedText, lastUpdateTime: now, lastTransitionTime }] } },
    ]);
    expect(told).toEqual(["approved ui Approved"]);
    expect(announcer.waiting).toBe(0);
  });
});

describe("a release that has its ReplicaSet", () => {
  const rolledOut = { status: "True", reason: "RolledOut", message: `release ${digest} is rolled out` };

  test.each<[string, object[], Judgement[], object[]]>([
    ["is left alone when it says so", [condition(approvedText)], [], []],
    [
      "says who approved it where it said nothing, as of one that was approved before it was made",
      [],
      [approved],
      [approvedText],
    ],
    [
      "says so of this release, not of the one before",
      [condition({ ...approvedText, message: "release v1:sha256:0" })],
      [approved],
      [approvedText],
    ],
    ["says who approved it", [condition(waitsText)], [approved], [approvedText]],
    ["says that it is out when nothing is there that approves it", [condition(waitsText)], [waits], [rolledOut]],
  ])("%s", async (_what, conditions, judgements, texts) => {
    const script = { [get]: [deployment({ conditions })], [replicaSets]: [out], [patch]: texts.map(() => ({})) };
    const connection = scriptedEvents([], script);
    const { announcer, told } = announcerOf(connection, judgements);
    announcer.look(ui);
    await announcer.settled();
    expect(patched(connection)).toMatchObject(texts.map((text) => ({ status: { conditions: [text] } })));
    expect(told).toEqual([]);
    expect(announcer.waiting).toBe(0);
  });
});

test("the name of an image cannot write lines of its own", async () => {
  const script = {
    [get]: [deployment({ spec: { template: template("a\u001b[2J\nto approve: x") } })],
    [replicaSets]: [old],
    [patch]: [{}],
  };
  const connection = scriptedEvents(["stored"], script);
  const { announcer } = announcerOf(connection, [waits]);
  announcer.look(ui);
  await announcer.settled();
  const texts = JSON.stringify([patched(connection), connection.created.map(({ body }) => body)]);
  expect(texts).toContain("a^[[2J\\\\nto approve");
  expect(texts).not.toMatch(/\\u001b|[^\\]\\n/);
});

describe("a release that was admitted", () => {
  test("says so once its ReplicaSet is there", async () => {
    const connection = scriptedEvents([], { [get]: [deployment()], [replicaSets]: [out], [patch]: [{}] });
    const { announcer, told } = announcerOf(connection, [approved]);
    announcer.lookAtAdmitted(ui);
    await announcer.settled();
    expect(patched(connection)).toMatchObject([{ status: { conditions: [approvedText] } }]);
    expect(told).toEqual([]);
  });

  test("is not tried again for the sake of something else that keeps it from having one", async () => {
    const connection = scriptedEvents([], { [get]: [deployment()], [replicaSets]: [old] });
    const { announcer } = announcerOf(connection, []);
    announcer.lookAtAdmitted(ui);
    await announcer.settled();
    expect(patched(connection)).toEqual([]);
  });
});

test("only the Deployment's own ReplicaSets are read", async () => {
  const spec = { selector: { matchLabels: { app: "ui" } } };
  const own = "GET /apis/apps/v1/namespaces/prod/replicasets?labelSelector=app%3Dui&limit=500";
  const connection = scriptedEvents([], { [get]: [deployment({ spec })], [own]: [out], [patch]: [{}] });
  const { announcer } = announcerOf(connection, [approved]);
  announcer.look(ui);
  await announcer.settled();
  expect(patched(connection)).toHaveLength(1);
});

test.each<[string, unknown]>([
  ["is gone", notFound("deployments", "apps", "ui")],
  ["is being deleted", deployment({ metadata: { deletionTimestamp: now } })],
  ["is paused", deployment({ spec: { paused: true } })],
])("a Deployment that %s does not wait", async (_what, found) => {
  const script = { [get]: [deployment(), found], [replicaSets]: [old], [patch]: [{}] };
  const { announcer } = announcerOf(scriptedEvents(["stored"], script), [waits]);
  announcer.look(ui);
  await announcer.settled();
  expect(announcer.waiting).toBe(1);
  announcer.look(ui);
  await announcer.settled();
  expect(announcer.waiting).toBe(0);
});

describe("what fails", () => {
  const failure = new Error("connection refused");

  test("is tried again, and told", async () => {
    const connection = scriptedEvents(["stored"], {
      [get]: [failure, deployment(), deployment()],
      [replicaSets]: [failure, old],
      [patch]: [{}],
    });
    const { announcer, told, clock } = announcerOf(connection, [waits]);
    announcer.look(ui);
    await announcer.settled();
    const failed = "failed ui Error: connection refused true";
    expect(told).toEqual([failed, failed, "waits ui NotApproved"]);
    expect(clock.slept).toHaveLength(2);
  });

  test("six times is left to the next sweep", async () => {
    const connection = scriptedEvents([], { [get]: Array(6).fill(failure) });
    const { announcer, told, clock } = announcerOf(connection, []);
    announcer.look(ui);
    await announcer.settled();
    expect(told).toEqual([
      ...Array(5).fill("failed ui Error: connection refused true"),
      "failed ui Error: connection refused false",
    ]);
    expect(clock.slept).toHaveLength(5);
  });

  test("because it ends is no failure", async () => {
    const ending = new AbortController();
    const connection = scriptedEvents([], { [get]: [deployment()] });
    connection.request = async () => {
      ending.abort();
      throw failure;
    };
    const { announcer, told } = announcerOf(connection, [], { signal: ending.signal });
    announcer.look(ui);
    await announcer.settled();
    announcer.look(ui);
    await announcer.settled();
    expect(told).toEqual([]);
  });
});

describe("looks", () => {
  /** A connection whose answers to GETs of Deployments wait; all are gone then. */
  function slowConnection() {
    const asked: { name: string; answer: () => void }[] = [];
    const connection = scriptedEvents([]);
    connection.request = ({ path }) =>
      new Promise((_resolve, reject) => {
        const name = path.split("/").at(-1) ?? "";
        asked.push({ name, answer: () => reject(notFound("deployments", "apps", name)) });
      });
    const names = (): string[] => asked.map(({ name }) => name);
    return { connection, asked, names };
  }

  test("at one Deployment go one after the other; what comes meanwhile is looked at once more", async () => {
    const { connection, asked, names } = slowConnection();
    const { announcer } = announcerOf(connection, []);
    for (let times = 0; times < 3; times++) announcer.look(ui);
    expect(names()).toEqual(["ui"]);
    asked[0]?.answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(names()).toEqual(["ui", "ui"]);
    asked[1]?.answer();
    await announcer.settled();
    expect(names()).toEqual(["ui", "ui"]);
  });

  test("are four at once", async () => {
    const { connection, asked, names } = slowConnection();
    const { announcer } = announcerOf(connection, []);
    for (const name of ["a", "b", "c", "d", "e"]) announcer.look({ namespace: "prod", name });
    expect(names()).toEqual(["a", "b", "c", "d"]);
    asked[2]?.answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(names()).toEqual(["a", "b", "c", "d", "e"]);
    for (const { answer } of asked) answer();
    await announcer.settled();
  });
});

describe("a sweep", () => {
  test("looks at what is not out and at what says that it waits, and forgets what is gone", async () => {
    const isOut = (name: string, conditions: object[] = []): KubeObject =>
      deployment({ name, conditions, spec: { template: template("nginx:1") } });
    const ownedBy = (name: string): KubeObject => {
      const { metadata, ...rest } = replicaSet("nginx:1");
      const ownerReferences = (metadata.ownerReferences ?? []).map((owner) => ({ ...owner, name, uid: `uid-${name}` }));
      return { ...rest, metadata: { ...metadata, ownerReferences } };
    };
    const quiet = isOut("quiet");
    const marked = isOut("marked", [condition(waitsText)]);
    const sets = { items: [ownedBy("quiet"), ownedBy("marked")] };
    const gone = (name: string): Error => notFound("deployments", "apps", name);
    const connection = scriptedEvents(["stored"], {
      [get]: [deployment()],
      [replicaSets]: [old, sets],
      [patch]: [{}],
      [list]: [{ items: [quiet, marked, deployment({ name: "new" })] }],
      [get.replace(/ui$/, "marked")]: [gone("marked")],
      [get.replace(/ui$/, "new")]: [gone("new")],
    });
    const { announcer } = announcerOf(connection, [waits]);
    announcer.look(ui);
    await announcer.settled();
    expect(announcer.waiting).toBe(1);
    const asked = connection.asked.length;
    await announcer.sweep("prod");
    await announcer.settled();
    expect(connection.asked.slice(asked).toSorted()).toEqual(
      [list, replicaSets, get.replace(/ui$/, "marked"), get.replace(/ui$/, "new")].toSorted(),
    );
    expect(announcer.waiting).toBe(0);
  });

  test("throws what reading throws", async () => {
    const { announcer } = announcerOf(scriptedEvents([], { [list]: [new Error("connection refused")] }), []);
    await expect(announcer.sweep("prod")).rejects.toThrow("connection refused");
  });
});

describe("a namespace that is not gated any more", () => {
  const notGated = {
    status: "True",
    reason: "NotGated",
    message: `release ${digest} needs no approval: its namespace is not gated`,
  };

  test("is forgotten, and what waits there hears that nothing holds it back", async () => {
    const waitingOne = deployment({ conditions: [condition(waitsText)] });
    const other = deployment({ name: "other", conditions: [condition(approvedText)] });
    const script = {
      [get]: [deployment()],
      [replicaSets]: [old],
      [patch]: [{}, {}],
      [list]: [{ items: [waitingOne, other] }],
    };
    const connection = scriptedEvents(["stored"], script);
    let gated = true;
    const { announcer } = announcerOf(connection, [waits], { isGated: () => gated });
    announcer.look(ui);
    await announcer.settled();
    expect(announcer.waiting).toBe(1);
    gated = false;
    await announcer.sweep("prod");
    expect(announcer.waiting).toBe(0);
    expect(patched(connection).at(-1)).toMatchObject({
      metadata: { uid: "uid-ui" },
      status: { conditions: [notGated] },
    });
  });

  test("is no reason to look at its Deployments", async () => {
    const connection = scriptedEvents([], { [get]: [deployment()] });
    const { announcer } = announcerOf(connection, [], { isGated: () => false });
    announcer.look(ui);
    await announcer.settled();
    expect(announcer.waiting).toBe(0);
  });
});
