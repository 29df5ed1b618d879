import type { Delivery } from "../../sinks/delivery.ts";
import { SendError } from "../../sinks/send-error.ts";
import type { Refusal, Sink } from "../../sinks/sink.ts";
import type { Clock } from "../../util/clock.ts";
import { KevError } from "../../util/errors.ts";
import { errorMessage } from "../../util/file-error.ts";
import { orAborted } from "../../util/or-aborted.ts";
import type { DeliveryPolicy } from "../config/route-config.ts";
import type { RouteObserver } from "../route-observer.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Deliver } from "./sink-queue.ts";

/** A sink that is sent to. */
export interface SendTarget {
  readonly name: string;
  readonly sink: Pick<Sink, "send">;
  /** Milliseconds for one send. */
  readonly timeout: number;
}

/** Milliseconds: who asks for more by a mistake must not be silent for days. */
const longestRetryAfter = 3_600_000;

export interface DelivererOptions {
  readonly name: string;
  readonly sink: Pick<Sink, "send">;
  readonly policy: Pick<DeliveryPolicy, "timeout" | "retry">;
  /** Where what is refused for good, or was given up, goes. */
  readonly fallback: SendTarget | undefined;
  /** Where the same goes when there is no fallback, or that refuses it too. */
  readonly deadLetters: DeadLetters | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: RouteObserver;
}

export interface Deliverer {
  readonly deliver: Deliver;
  /** What the last try failed with, be it of the sink or of its fallback; undefined when the sink's worked. */
  readonly problem: () => KevError | undefined;
}

/**
 * Tries until a batch is off the queue: taken by the receiver, by the fallback, or a dead letter. What can be done with
 * neither is tried for ever: nothing is dropped here.
 */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { name, policy, fallback, deadLetters, clock, random, observer } = options;
  const own: SendTarget = { name, sink: options.sink, timeout: policy.timeout };
  let problem: KevError | undefined;

  /** Sends until all is taken or refused. Undefined: given up. */
  async function send(
    target: SendTarget & { readonly giveUpAfter: number | undefined },
    batch: readonly Delivery[],
    signal: AbortSignal,
  ): Promise<readonly Refusal[] | { readonly givenUp: string }> {
    let firstFailure: number | undefined;
    for (let failures = 0; ; ) {
      const startedAt = clock.now().getTime();
      try {
        const { refused } = await withTimeout(target.timeout, signal, (limited) => target.sink.send(batch, limited));
        if (target.sink === options.sink) problem = undefined;
        const taken = batch.length - refused.length;
        if (taken > 0) observer.sent(target.name, taken, (clock.now().getTime() - startedAt) / 1_000);
        return refused;
      } catch (thrown) {
        signal.throwIfAborted();
        const error = asSendError(thrown);
        problem = error;
        if (!error.retriable) return await separate(target, batch, error, signal);
        const now = clock.now().getTime();
        firstFailure ??= now;
        if (target.giveUpAfter !== undefined && now - firstFailure >= target.giveUpAfter) {
          return { givenUp: error.message };
        }
        const asked = Math.min(error.retryAfter ?? 0, longestRetryAfter);
        const left =
          target.giveUpAfter === undefined ? Number.POSITIVE_INFINITY : target.giveUpAfter - (now - firstFailure);
        const retryIn = Math.min(Math.max(delay(policy.retry, failures++, random), asked), left);
        observer.retried(target.name, error, retryIn);
        await clock.sleep(retryIn, signal);
      }
    }
  }

  /** The receiver refuses the batch as a whole: one bad delivery must not take the others along. */
  async function separate(
    target: Parameters<typeof send>[0],
    batch: readonly Delivery[],
    error: SendError,
    signal: AbortSignal,
  ): Promise<readonly Refusal[] | { readonly givenUp: string }> {
    const [only] = batch;
    if (batch.length <= 1 || only === undefined) {
      return only === undefined ? [] : [{ delivery: only, reason: error.message }];
    }
    const refused: Refusal[] = [];
    const middle = Math.ceil(batch.length / 2);
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      const outcome = await send(target, half, signal);
      // Given up, those that were not tried are with it.
      if ("givenUp" in outcome) refused.push(...half.map((delivery) => ({ delivery, reason: outcome.givenUp })));
      else refused.push(...outcome);
    }
    return refused;
  }

  /** What neither the fallback nor the dead letters took. */
  async function setAside(refused: readonly Refusal[], signal: AbortSignal): Promise<readonly Refusal[]> {
    let left = refused;
    const reason = refused[0]?.reason ?? "";
    if (fallback) {
      const deliveries = refused.map(({ delivery }) => delivery);
      const outcome = await send({ ...fallback, giveUpAfter: undefined }, deliveries, signal);
      left = "givenUp" in outcome ? refused : outcome;
      if (left.length < refused.length) observer.fellBack(name, refused.length - left.length, reason);
    }
    if (left.length === 0 || !deadLetters) return left;
    // A disk that hangs is waited for, so that no second try hangs beside it; the end is not kept waiting.
    await orAborted(deadLetters.add(name, left), signal);
    observer.deadLettered(name, left.length, reason);
    return [];
  }

  async function deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
    const giveUpAfter = fallback || deadLetters ? policy.retry.giveUpAfter : undefined;
    let left = batch;
    for (let failures = 0; left.length > 0; failures++) {
      const outcome = await send({ ...own, giveUpAfter }, left, signal);
      const refused = "givenUp" in outcome ? left.map((delivery) => ({ delivery, reason: outcome.givenUp })) : outcome;
      if (refused.length === 0) return;
      try {
        const homeless = await setAside(refused, signal);
        if (homeless.length === 0) return;
        left = homeless.map(({ delivery }) => delivery);
        problem = new SendError(`refused: ${homeless[0]?.reason}`, { retriable: true });
      } catch (thrown) {
        signal.throwIfAborted();
        left = refused.map(({ delivery }) => delivery);
        problem = asSendError(thrown);
      }
      // There is no place for it, so the receiver is asked again: somebody may mend the one or the other.
      const retryIn = delay(policy.retry, failures, random);
      observer.retried(name, problem, retryIn);
      await clock.sleep(retryIn, signal);
    }
  }

  return { deliver, problem: () => problem };
}

/** Waits double from the first to the longest, each times a random factor of 0.5 to 1, so that many do not come together. */
function delay({ first, longest }: DeliveryPolicy["retry"], failures: number, random: () => number): number {
  return Math.min(first * 2 ** failures, longest) * (0.5 + random() / 2);
}

async function withTimeout<T>(
  milliseconds: number,
  signal: AbortSignal,
  run: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const limited = new AbortController();
  const onAbort = (): void => limited.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const late = new SendError(`no answer within ${milliseconds / 1_000}s`, { retriable: true });
  const timer = setTimeout(() => limited.abort(late), milliseconds);
  // A client that does not hear the signal is not waited for.
  const over = new Promise<never>((_, reject) => {
    limited.signal.addEventListener("abort", () => reject(limited.signal.reason), { once: true });
  });
  try {
    return await Promise.race([run(limited.signal), over]);
  } catch (error) {
    // Whatever the sink makes of it: this is why.
    if (!signal.aborted && limited.signal.aborted) throw late;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * What a sink throws that is no SendError is a mistake in it; nothing may be lost by that. One that the program itself
 * made of a delivery (fetch throws a TypeError too, but with its cause) it would make again for ever.
 */
function asSendError(thrown: unknown): SendError {
  if (thrown instanceof SendError) return thrown;
  const message = thrown instanceof KevError ? thrown.message : errorMessage(thrown);
  const isMistake = mistakes.has(nameOf(thrown)) && (thrown as Error).cause === undefined;
  return new SendError(message, { retriable: !isMistake, cause: thrown });
}

const mistakes: ReadonlySet<string> = new Set(["TypeError", "RangeError", "ReferenceError", "SyntaxError"]);

/** By shape, because errors of Node's own may come from another realm. */
function nameOf(error: unknown): string {
  return typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
}
