import { expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import type { KubeObject } from "../../../src/events/event.ts";
import { connect } from "../../../src/kube/connect.ts";
import { listWatch } from "../../../src/kube/list-watch/list-watch.ts";
import type { ChangeStep, ListWatchStep } from "../../../src/kube/list-watch/list-watch-step.ts";
import type { Clock } from "../../../src/util/clock.ts";
import { type Fault, type HistoryServer, startHistoryServer } from "./history-server.ts";

jest.setTimeout(120_000);

/** What happens before the caller asks for the next step. */
type Deed =
  | { do: "write" | "remove"; name: string }
  | { do: "compact" | "cut" }
  | { do: "disturb"; fault: Fault }
  | { do: "step" };

const name = fc.integer({ min: 0, max: 7 }).map((number) => `thing-${number}`);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("compact" as const, "cut" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("disturb" as const),
      fault: fc.constantFrom<Fault>("refuse", "cut", "half", "compact", "error", "nonsense", "end"),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ do: "step" as const }) },
);

// Waits are as short as they can be, and time does not pass: only what was brought counts as success.
const hasty: Clock = {
  now: () => new Date(0),
  sleep: (_time, signal) =>
    new Promise((resolve, reject) => {
      setImmediate(() => (signal?.aborted ? reject(signal.reason) : resolve()));
    }),
};

// The last by name too, and so the last item of a list.
const last = "zz-last";

/** All changes that a caller gets who lives through `deeds`, until a last object has come. */
async function livedThrough(
  server: HistoryServer,
  deeds: readonly Deed[],
  { from, deletions }: { from?: string; deletions: boolean },
): Promise<ChangeStep<KubeObject>[]> {
  const ended = new AbortController();
  const connection = await connect({ server: server.url, env: {}, homeDir: "/nonexistent" });
  const changes: ChangeStep<KubeObject>[] = [];
  const steps = listWatch<KubeObject>(connection, {
    path: "/apis/test/v1/things",
    signal: ended.signal,
    clock: hasty,
    pageSize: 2,
    from,
    deletions,
  });
  // A step may need something to happen first, so it is not waited for at once.
  let pending: ReturnType<typeof steps.next> | undefined;
  const step = async (): Promise<ListWatchStep<KubeObject> | undefined> => {
    pending ??= steps.next();
    const { value } = await pending;
    pending = undefined;
    if (value?.type === "change") changes.push(value);
    return value ?? undefined;
  };
  try {
    for (const deed of deeds) {
      if (deed.do === "write") server.write(deed.name);
      else if (deed.do === "remove") server.remove(deed.name);
      else if (deed.do === "compact") server.compact();
      else if (deed.do === "cut") server.cut();
      else if (deed.do === "disturb") server.disturb(deed.fault);
      else {
        pending ??= steps.next();
        const quiet = new Promise((resolve) => setTimeout(resolve, 3, "quiet"));
        if ((await Promise.race([pending, quiet])) !== "quiet") await step();
      }
    }
    server.write(last);
    while (changes.at(-1)?.object.metadata.name !== last) await step();
    // Deletions that nobody saw come at a list's end.
    if (changes.at(-1)?.change === "listed") while ((await step())?.type !== "synced");
    return changes;
  } finally {
    ended.abort();
    await pending;
    connection.close();
  }
}

const stateOf = ({ metadata }: KubeObject): string => `${metadata.uid} ${metadata.resourceVersion}`;

test("whatever happens on the way, every last state is yielded once, no state twice, and none that never was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 60 }), fc.boolean(), async (deeds, deletions) => {
      const server = await startHistoryServer();
      try {
        const changes = await livedThrough(server, deeds, { deletions });
        const states = changes.filter(({ change }) => change !== "deleted").map(({ object }) => stateOf(object));
        expect(new Set(states).size).toBe(states.length);
        expect(states.filter((state) => !server.states.has(state))).toEqual([]);
        expect(states).toEqual(expect.arrayContaining([...server.objects.values()].map(stateOf)));
        if (deletions) expect(mirrored(changes)).toEqual(sorted([...server.objects.values()].map(stateOf)));
        else expect(states).toHaveLength(changes.length);
      } finally {
        await server.close();
      }
    }),
    { numRuns: 150 },
  );
});

test("from a version on, every later last state is yielded once, and nothing older", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 10 }), fc.array(deed, { maxLength: 40 }), async (before, deeds) => {
      const server = await startHistoryServer();
      try {
        for (const each of before) server.write(each);
        const from = server.version;
        const changes = await livedThrough(server, deeds, { from: String(from), deletions: false });
        const states = changes.map(({ object }) => stateOf(object));
        const later = [...server.objects.values()].filter(({ metadata }) => Number(metadata.resourceVersion) > from);
        expect(new Set(states).size).toBe(states.length);
        expect(states).toEqual(expect.arrayContaining(later.map(stateOf)));
        expect(changes.filter(({ object }) => Number(object.metadata.resourceVersion) <= from)).toEqual([]);
      } finally {
        await server.close();
      }
    }),
    { numRuns: 100 },
  );
});

/** What a caller who keeps the objects by name has in the end. */
function mirrored(changes: readonly ChangeStep<KubeObject>[]): string[] {
  const kept = new Map<string, string>();
  for (const { change, object } of changes) {
    if (change === "deleted") kept.delete(object.metadata.name ?? "");
    else kept.set(object.metadata.name ?? "", stateOf(object));
  }
  return sorted([...kept.values()]);
}

function sorted(texts: string[]): string[] {
  return texts.sort();
}
