import { setMaxListeners } from "node:events";
import type { StreamingConnection } from "../kube/connect.ts";
import { createTypeResolver } from "../kube/resolve-type.ts";
import { withRetry } from "../kube/with-retry.ts";
import { checkEventRights } from "../record/check-event-rights.ts";
import type { ContentDefaults } from "../record/resolve-content.ts";
import { type SteadyClock, systemClock } from "../util/clock.ts";
import { usageError } from "../util/errors.ts";
import { createLimiter } from "../util/limiter.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { createCheck } from "./check/check-target.ts";
import { createSiteAgents } from "./check/site-agents.ts";
import { combineProbeObservers } from "./combine-probe-observers.ts";
import { type FoundSubject, findSubjects } from "./find-subjects.ts";
import { followSites, takenText } from "./follow-sites.ts";
import { ingressTargets } from "./ingress-targets.ts";
import type { ProbeObserver, ProbeStatus } from "./probe-observer.ts";
import { checkTargetNames, sitesOf, targetOf } from "./probed-targets.ts";
import { readOutages } from "./read-outages.ts";
import { createRoster } from "./roster.ts";
import { runTarget } from "./run-target.ts";
import { createSubject, type Subject } from "./subject.ts";
import type { ProbeEntry, ProbeTarget } from "./target.ts";
import { createEventWriter } from "./write-probe-event.ts";

/** What a probe needs on events: to write them, to count them up, and to read what an earlier run has written. */
const verbs = ["create", "get", "patch", "list"] as const;

export interface ProbeOptions {
  /** What is probed, and what the events are about. Each needs `on`. */
  readonly entries: readonly ProbeEntry[];
  /** Ends the probe: what waits to be written is, within five seconds. */
  readonly signal: AbortSignal;
  /** Checks under way at a time; default 256. */
  readonly concurrency?: number | undefined;
  /** Milliseconds, at least, from one count-up of an event to the next; default 30 000. The count is exact whatever it is. */
  readonly writeEvery?: number | undefined;
  /** Milliseconds in which the API server has to answer at the start; default 30 000. Later it is waited for. */
  readonly retryTimeout?: number | undefined;
  /** Told of each failure at the start that is tried again. */
  readonly onRetry?: ((error: unknown, delay: number) => void) | undefined;
  /** Labels and the like of all events, as a config file has them. */
  readonly defaults?: ContentDefaults | undefined;
  readonly hostName?: (() => string) | undefined;
  /** For the proxies that it names; default: none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly observer?: ProbeObserver | undefined;
  /** Default the machine's. */
  readonly clock?: SteadyClock | undefined;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: (() => number) | undefined;
  readonly cacheDir?: string | undefined;
}

export interface Probe {
  readonly status: ProbeStatus;
  /**
   * Probes until the signal aborts. What goes wrong later than at the start is told to the observer, and tried again.
   *
   * @throws usage error for entries that do not go together and certificates that cannot be used; ApiError for objects that are not there; KevError (refused) for
   * rights that are missing, (not-found) for an Ingress without a host; UnreachableError
   */
  run(): Promise<void>;
}

const usualConcurrency = 256;
const writeConcurrency = 8;
/** Milliseconds between the first checks of two targets, at most. */
const spread = 20;
/** Milliseconds between looks whether the objects are there. */
const lookEvery = 60_000;
/** Milliseconds that are given to what waits to be written. */
const longestEnd = 5_000;

/**
 * Pings sites, and writes an event on an object when one goes down and when it comes back: one `SitePingFailed` for each
 * outage, whose count is that of the failed checks, and one `SitePingRecovered`. A run that was killed in an outage is gone on
 * with by the next one, from what stands in the events.
 *
 * RBAC: get on the objects (list and watch on an Ingress whose hosts are probed); create, get, list and patch on events.
 */
export function createProbe(connection: StreamingConnection, options: ProbeOptions): Probe {
  const { entries, clock = systemClock, random = Math.random, env = {}, writeEvery = 30_000 } = options;
  const observer = options.observer ?? combineProbeObservers([]);
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const agents = createSiteAgents({ env, clock });
  const limitChecks = createLimiter(options.concurrency ?? usualConcurrency);
  const limit = createLimiter(writeConcurrency);
  const write = createEventWriter(connection, { clock, defaults: options.defaults, hostName: options.hostName });
  let hasBegun = false;
  let fail = (_error: unknown): void => undefined;
  const roster = createRoster({
    ...{ observer, clock, endWithin: writeEvery },
    start: (target, subject, delay, open) => {
      const check = createCheck(target, { agents, clock });
      const shared = { write, limit, limitChecks, observer, clock, writeEvery, random };
      const one = runTarget({ ...shared, target, subject, check, delay, open });
      one.ended.catch((error: unknown) => fail(error));
      return one;
    },
  });

  async function lookAfter(subjects: readonly Subject[]): Promise<void> {
    for (;;) {
      await clock.sleep(lookEvery, stopping.signal);
      for (const subject of subjects) {
        // Whether it can be read matters when there is something to write.
        await limit(() => subject.read(stopping.signal)).catch(() => undefined);
        stopping.signal.throwIfAborted();
      }
    }
  }

  async function start(): Promise<Promise<void>[]> {
    const { signal, retryTimeout = 30_000, onRetry } = options;
    const reader = withRetry(connection, { timeout: retryTimeout, clock, signal, onRetry, outage: {} });
    const resolver = createTypeResolver(reader, { clock, cacheDir: options.cacheDir, signal });
    for (const { on, url } of entries) {
      if (on === undefined) throw usageError(`${url?.shown ?? "an entry"} has no object that its events are about`);
    }
    for (const { settings } of entries) await agents.material(settings.tls);
    const found = await findSubjects(reader, resolver, entries, { signal, mayMiss: true });
    const namespaces = new Set(found.map(({ object }) => object.metadata.namespace ?? "default"));
    for (const namespace of namespaces) await checkEventRights(reader, { verbs, namespace, signal });
    const planned = found.map((one) => plan(one, found.length === 1, observer, connection));
    checkTargetNames(planned.flatMap(({ fixed }) => fixed.flatMap(({ targets }) => targets)));
    for (const namespace of namespaces) {
      for (const [uid, outages] of await readOutages(reader, namespace, signal)) {
        for (const [name, outage] of outages) roster.leftOpen(uid, name, outage);
      }
    }
    const all = planned.flatMap(({ subject, fixed, derived }) =>
      [...fixed, ...derived].flatMap(({ entry, targets }) => targets.map((target) => ({ subject, entry, target }))),
    );
    for (const [index, { subject, entry, target }] of all.entries()) {
      const delay = index * Math.min(spread, target.settings.interval / all.length);
      // As later, when an Ingress gets a host that another has: a restart meanwhile must not stop all of it.
      if (!roster.begin(target, subject, entry, delay)) observer.skipped(subject, takenText(target));
    }
    hasBegun = true;
    const followed = planned.flatMap(({ subject, derived }) =>
      derived.map(({ entry, targets: first }) =>
        followSites({ subject, entry, first }, { roster, observer }, connection, { signal: stopping.signal, clock }),
      ),
    );
    return [
      ...followed,
      lookAfter(planned.filter(({ derived }) => derived.length === 0).map(({ subject }) => subject)),
    ];
  }

  return {
    get status() {
      const all = roster.running;
      const targets = all.map(({ status }) => status);
      const problem = all.find((one) => one.problem !== undefined)?.problem?.message;
      return { targets, problem, isReady: hasBegun && targets.every(({ last }) => last !== undefined) };
    },
    run: async () => {
      const failed = new Promise<never>((_resolve, reject) => {
        fail = reject;
      });
      failed.catch(() => undefined);
      const onAbort = (): void => stopping.abort(options.signal.reason);
      try {
        const tasks = await start();
        options.signal.addEventListener("abort", onAbort, { once: true });
        if (options.signal.aborted) onAbort();
        for (const task of tasks) task.catch((error: unknown) => void (stopping.signal.aborted || fail(error)));
        await Promise.race([failed, untilAborted(stopping.signal)]);
      } finally {
        options.signal.removeEventListener("abort", onAbort);
        stopping.abort();
        await roster.stop(AbortSignal.timeout(longestEnd));
      }
    },
  };
}

interface PlannedTargets {
  readonly entry: ProbeEntry;
  readonly targets: readonly ProbeTarget[];
}

interface PlannedSubject {
  readonly subject: Subject;
  readonly fixed: readonly PlannedTargets[];
  readonly derived: readonly PlannedTargets[];
}

function plan(
  found: FoundSubject,
  isOnly: boolean,
  observer: ProbeObserver,
  connection: StreamingConnection,
): PlannedSubject {
  const { type, object, isThere, entries } = found;
  const subject = createSubject(connection, {
    ...{ type, object, isThere },
    onGone: (one) => observer.gone(one),
    onBack: (one, isNew) => observer.back(one, isNew),
  });
  if (!isThere) observer.gone(subject);
  const skip = (part: string): void => observer.skipped(subject, part);
  const sites = (entry: ProbeEntry): readonly ProbeTarget[] => {
    if (!isThere) return [];
    if (isOnly) return sitesOf(found, entry, skip);
    // One of many that has none for now is no reason to leave the others alone.
    const { targets, skipped } = ingressTargets(object, entry.settings);
    for (const part of skipped) skip(part);
    if (targets.length === 0) skip("there is no host that could be probed");
    return targets;
  };
  return {
    subject,
    fixed: entries.map((entry) => ({ entry, targets: [targetOf(entry) ?? []].flat() })),
    derived: entries.filter(({ url }) => url === undefined).map((entry) => ({ entry, targets: sites(entry) })),
  };
}
