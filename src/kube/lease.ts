import { type Clock, systemClock } from "../util/clock.ts";
import { KevError } from "../util/errors.ts";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import {
  isConflict,
  type Lease,
  type LeaseRequests,
  type LeaseSpec,
  leaseRequests,
  microTime,
} from "./lease-requests.ts";
import { retriable } from "./retriable.ts";

export interface HoldLeaseOptions {
  /** Of the Lease. */
  readonly name: string;
  readonly namespace: string;
  /** Whom the Lease names as its holder. No two that run may have the same one, nor one and its successor. */
  readonly identity: string;
  /** Ends waiting; while the Lease is held, it asks `lead` to end. */
  readonly signal: AbortSignal;
  readonly clock?: Clock | undefined;
  /** Milliseconds by a clock that nobody sets; default `performance.now`. */
  readonly elapsed?: (() => number) | undefined;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds, whole seconds, after which a holder who is not heard of any more has lost the Lease; default 15 s. */
  readonly leaseDuration?: number | undefined;
  /** Milliseconds without a renewal after which the holder stops; less than `leaseDuration`. Default 10 s. */
  readonly renewDeadline?: number | undefined;
  /** Milliseconds between renewals; those who wait look every 1 to 2.2 of it. Default 2 s. */
  readonly retryPeriod?: number | undefined;
  /** Somebody else holds the Lease; called once for each. */
  readonly onWaiting?: ((holder: string) => void) | undefined;
  /** The Lease could not be read or written, and is tried again in so many milliseconds. */
  readonly onFailed?: ((error: unknown, retryIn: number) => void) | undefined;
}

/** What it is to hold the Lease. */
export interface Leadership {
  /** Aborts with a {@link LeaseLostError} before another can hold it; and with the reason of the caller's own signal. */
  readonly signal: AbortSignal;
  /**
   * `leaseTransitions`: greater for each next holder, so that what takes writes can refuse those of an earlier one. Starts
   * anew when the Lease is deleted.
   */
  readonly term: number;
}

/** Somebody else may hold the Lease now. */
export class LeaseLostError extends KevError {
  override readonly name = "LeaseLostError";

  constructor(why: string, options: { cause?: unknown } = {}) {
    super("failed", `leadership was lost: ${why}`, options);
  }
}

/**
 * Waits until the Lease can be had, runs `lead` while it is held, and gives it back. Renewing goes on until `lead` has
 * ended, also when it has been asked to. Resolves with what `lead` resolves with.
 *
 * The algorithm and the numbers are those of client-go's leaderelection: the clocks of two machines are never compared; a
 * holder counts as gone when the Lease has not changed for its whole duration by the waiting one's own clock. The holder
 * counts from before its last renewal was sent, so its signal aborts `leaseDuration − renewDeadline` earlier than that. A
 * process that was stopped (SIGSTOP, a frozen machine) hears of it late; for that there is `term`.
 *
 * Needs get, create and update on leases in the namespace.
 *
 * @throws LeaseLostError when it was lost, once `lead` has ended and whatever it made of that; ApiError when the Lease is refused; the signal's
 * reason when it aborts before the Lease is held; what `lead` throws
 */
export async function holdLease<T>(
  connection: Connection,
  options: HoldLeaseOptions,
  lead: (leadership: Leadership) => Promise<T>,
): Promise<T> {
  const { clock = systemClock, elapsed = () => performance.now(), random = Math.random } = options;
  const { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000 } = options;
  // So that within the deadline there is a second try when the first one gets no answer.
  const requests = leaseRequests(connection, { ...options, clock, timeout: renewDeadline / 2 });
  const all: Parts = { ...options, clock, elapsed, random, leaseDuration, renewDeadline, retryPeriod, requests };
  const held = await acquire(all);
  const lost = new AbortController();
  const ended = new AbortController();
  const term = held.lease.spec.leaseTransitions ?? 0;
  const renewing = renew(all, held, { lost, ended: ended.signal });
  try {
    const result = await lead({ signal: AbortSignal.any([lost.signal, options.signal]), term });
    lost.signal.throwIfAborted();
    return result;
  } catch (error) {
    lost.signal.throwIfAborted();
    throw error;
  } finally {
    ended.abort();
    const last = await renewing;
    if (!lost.signal.aborted) await release(all, last);
  }
}

interface Parts extends HoldLeaseOptions {
  readonly clock: Clock;
  readonly elapsed: () => number;
  readonly random: () => number;
  readonly leaseDuration: number;
  readonly renewDeadline: number;
  readonly retryPeriod: number;
  readonly requests: LeaseRequests;
}

/** A Lease that names us. */
interface Held {
  readonly lease: Lease;
  /** By `elapsed`: before the request that made it so was sent. */
  readonly since: number;
}

async function acquire(parts: Parts): Promise<Held> {
  const { signal, clock, random, retryPeriod, onWaiting, onFailed } = parts;
  const tryOnce = candidate(parts);
  let told: string | undefined;
  for (;;) {
    const delay = retryPeriod * (1 + 1.2 * random());
    try {
      const outcome = await tryOnce();
      if ("lease" in outcome) return outcome;
      if (outcome.holder !== told) onWaiting?.(outcome.holder);
      told = outcome.holder;
    } catch (error) {
      signal.throwIfAborted();
      // A missing right or namespace is nothing to wait for. One of several who were quicker is.
      if (error instanceof ApiError && !isConflict(error) && !retriable(error)) throw error;
      if (!isConflict(error)) onFailed?.(error, delay);
    }
    await clock.sleep(delay, signal);
  }
}

function candidate({ requests, identity, signal, elapsed, ...parts }: Parts): () => Promise<Held | { holder: string }> {
  let observed: { text: string; at: number } | undefined;
  return async () => {
    const lease = await requests.read(signal);
    const since = elapsed();
    if (!lease) return { lease: await requests.create(specFor({ identity, ...parts }), signal), since };
    const { holderIdentity: holder, leaseTransitions = 0, leaseDurationSeconds } = lease.spec;
    const text = JSON.stringify(lease.spec);
    if (observed?.text !== text) observed = { text, at: since };
    const duration = leaseDurationSeconds === undefined ? parts.leaseDuration : leaseDurationSeconds * 1_000;
    if (holder && holder !== identity && since < observed.at + duration) return { holder };
    const transitions = holder === identity ? leaseTransitions : leaseTransitions + 1;
    const spec = { ...specFor({ identity, ...parts }), leaseTransitions: transitions };
    return { lease: await requests.update(lease, spec, signal), since };
  };
}

function specFor({ identity, clock, leaseDuration }: Pick<Parts, "identity" | "clock" | "leaseDuration">): LeaseSpec {
  const now = microTime(clock.now());
  const leaseDurationSeconds = Math.ceil(leaseDuration / 1_000);
  return { holderIdentity: identity, leaseDurationSeconds, acquireTime: now, renewTime: now, leaseTransitions: 0 };
}

/** Renews until it is lost, or `ended`; resolves with the Lease as it is then. */
async function renew(
  parts: Parts,
  held: Held,
  { lost, ended }: { lost: AbortController; ended: AbortSignal },
): Promise<Lease> {
  const { clock, elapsed, renewDeadline, retryPeriod, name, namespace, onFailed } = parts;
  let { lease } = held;
  let problem: unknown;
  let renewed = new AbortController();
  // A timer of its own: it must fire whatever a request is waiting for.
  const loseAfter = (since: number): void => {
    renewed.abort();
    const current = new AbortController();
    renewed = current;
    clock.sleep(Math.max(0, since + renewDeadline - elapsed()), current.signal).then(
      () => {
        const why = `the Lease ${namespace}/${name} could not be renewed for ${renewDeadline / 1_000}s`;
        lost.abort(new LeaseLostError(why, { cause: problem }));
      },
      () => undefined,
    );
  };
  loseAfter(held.since);
  const over = AbortSignal.any([lost.signal, ended]);
  while (!over.aborted) {
    try {
      await clock.sleep(retryPeriod, over);
      const since = elapsed();
      lease = await renewOnce(parts, lease, over);
      loseAfter(since);
    } catch (error) {
      if (over.aborted) break;
      if (error instanceof LeaseLostError) {
        lost.abort(error);
        break;
      }
      problem = error;
      onFailed?.(error, retryPeriod);
    }
  }
  renewed.abort();
  return lease;
}

/** @throws LeaseLostError when the Lease is another's, or is gone */
async function renewOnce(parts: Parts, lease: Lease, signal: AbortSignal): Promise<Lease> {
  const { requests, clock } = parts;
  const spec = (): LeaseSpec => ({ renewTime: microTime(clock.now()) });
  try {
    return await requests.update(lease, spec(), signal);
  } catch {
    // Perhaps it was stored, and the answer lost; perhaps somebody has set a label, or has taken it.
    return requests.update(await ownLease(parts, signal), spec(), signal);
  }
}

async function ownLease({ requests, identity, namespace, name }: Parts, signal: AbortSignal): Promise<Lease> {
  const lease = await requests.read(signal);
  if (!lease) throw new LeaseLostError(`the Lease ${namespace}/${name} is gone`);
  const { holderIdentity: holder } = lease.spec;
  if (holder === identity) return lease;
  throw new LeaseLostError(`${holder ? JSON.stringify(holder) : "nobody"} holds the Lease ${namespace}/${name}`);
}

/** Lets the next one have it at once. What fails here costs the others the time of a Lease, and nothing else. */
async function release(parts: Parts, lease: Lease): Promise<void> {
  const { requests, clock } = parts;
  const now = microTime(clock.now());
  const spec = { holderIdentity: "", leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
  const { signal } = new AbortController();
  try {
    await requests.update(lease, spec, signal).catch(async (error: unknown) => {
      if (!isConflict(error)) throw error;
      await requests.update(await ownLease(parts, signal), spec, signal);
    });
  } catch {
    // It runs out.
  }
}
