import type { Clock } from "./clock.ts";
import { createRecentMap } from "./recent-map.ts";

/** What was looked up lately, so that it is looked up once; also while the look is under way. */
export interface Memory<T> {
  /** What is remembered of `key`, else what `look` finds. One that failed is forgotten: the next call looks anew. */
  get(key: string, look: () => Promise<T>): Promise<T>;
  forget(key: string): void;
}

export interface AgeOptions {
  /** Milliseconds for which something is remembered. */
  maxAge: number;
  clock: Clock;
}

export interface MemoryOptions extends AgeOptions {
  /** Results that are remembered. */
  limit: number;
}

/** A memory that is empty. */
export function createMemory<T>({ limit, maxAge, clock }: MemoryOptions): Memory<T> {
  const results = createRecentMap<string, Aged<Promise<T>> | undefined>(limit);
  return {
    get: (key, look) => {
      const now = clock.now().getTime();
      const known = results.get(key);
      const entry = isYoung(known, now, maxAge) ? known : { since: now, value: look() };
      results.set(key, entry);
      if (entry !== known) {
        entry.value.catch(() => {
          if (results.get(key) === entry) results.set(key, undefined);
        });
      }
      return entry.value;
    },
    forget: (key) => results.set(key, undefined),
  };
}

/** A value that is made anew when it is asked for after its time. */
export function renewed<T>(make: () => T, { maxAge, clock }: AgeOptions): () => T {
  let latest: Aged<T> | undefined;
  return () => {
    const now = clock.now().getTime();
    if (!isYoung(latest, now, maxAge)) latest = { since: now, value: make() };
    return latest.value;
  };
}

interface Aged<T> {
  readonly since: number;
  readonly value: T;
}

// A clock that was set back makes nothing younger.
function isYoung<T>(aged: Aged<T> | undefined, now: number, maxAge: number): aged is Aged<T> {
  return aged !== undefined && now >= aged.since && now - aged.since < maxAge;
}
