import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Clock, systemClock } from "../../util/clock.ts";

export interface NameLookupOptions {
  /** How many may be under way; see {@link lookupThreads}. */
  readonly most: number;
  /** Default: the machine's, with its hosts file and search domains. */
  readonly resolve?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined;
  readonly clock?: Pick<Clock, "sleep"> | undefined;
}

/** Milliseconds from which on a name is slow; a resolver that is there answers in far less. */
const slowFrom = 1_000;
/** Names whose speed is kept; redirects may lead to any. */
const mostKnown = 10_000;

type Answer = Parameters<LookupFunction>[2];

interface Asked {
  readonly host: string;
  readonly waiting: ((error: Error | null, addresses: readonly LookupAddress[]) => void)[];
}

/**
 * Looks names up for all checks. The system's look-up takes a thread for as long as its resolvers are silent, and cannot be
 * called off: so each name is looked up once at a time, for all who ask for it meanwhile, and names that were slow the last
 * time leave a thread to the others.
 */
export function createNameLookup(options: NameLookupOptions): LookupFunction {
  const { most, resolve = resolveBySystem, clock = systemClock } = options;
  const underWay = new Map<string, Asked>();
  const queue: Asked[] = [];
  /** How each name was the last time; one that is not there has not been looked up. */
  const isSlow = new Map<string, boolean>();
  let running = 0;
  /** Of those that run. */
  let slow = 0;
  const mostSlow = Math.max(1, most - 1);
  const order = ({ host }: Asked): number => [false, undefined, true].indexOf(isSlow.get(host));

  function next(): void {
    while (running < most) {
      const ready = queue.filter(({ host }) => slow < mostSlow || isSlow.get(host) !== true);
      const [first] = ready.sort((one, other) => order(one) - order(other));
      if (!first) return;
      queue.splice(queue.indexOf(first), 1);
      void run(first);
    }
  }

  async function run(asked: Asked): Promise<void> {
    const { host, waiting } = asked;
    const done = new AbortController();
    let isCounted = isSlow.get(host) === true;
    let isLate = false;
    running++;
    if (isCounted) slow++;
    const late = clock.sleep(slowFrom, done.signal).then(
      () => {
        isLate = true;
        if (!isCounted) slow++;
        isCounted = true;
        know(host, true);
      },
      () => undefined,
    );
    const [error, addresses] = await resolve(host).then(
      (found) => [null, found] as const,
      (failure: Error) => [failure, []] as const,
    );
    done.abort();
    await late;
    know(host, isLate);
    running--;
    if (isCounted) slow--;
    underWay.delete(host);
    for (const tell of waiting) tell(error, addresses);
    next();
  }

  function know(host: string, value: boolean): void {
    if (isSlow.size >= mostKnown) isSlow.clear();
    isSlow.set(host, value);
  }

  return (host, options, answer) => {
    const asked = underWay.get(host) ?? { host, waiting: [] };
    asked.waiting.push((error, addresses) => tell(error, addresses, options, answer));
    if (underWay.has(host)) return;
    underWay.set(host, asked);
    queue.push(asked);
    next();
  };
}

/** As `dns.lookup` answers to these options. */
function tell(
  error: Error | null,
  found: readonly LookupAddress[],
  { all = false, family = 0 }: Parameters<LookupFunction>[1],
  answer: Answer,
): void {
  const wanted = Number(String(family).replace("IPv", ""));
  const addresses = found.filter((one) => wanted === 0 || one.family === wanted);
  const [first] = addresses;
  if (error) answer(error, []);
  else if (!first) answer(Object.assign(new Error("no address of the family"), { code: "ENOTFOUND" }), []);
  else if (all) answer(null, addresses);
  else answer(null, first.address, first.family);
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

/** How many look-ups run beside each other: libuv gives half of its threads to what is slow. Source: libuv, src/threadpool.c. */
export function lookupThreads({ UV_THREADPOOL_SIZE }: Readonly<Record<string, string | undefined>>): number {
  const size = Number(UV_THREADPOOL_SIZE);
  return Math.ceil((Number.isInteger(size) && size > 0 ? Math.min(size, 1_024) : 4) / 2);
}
