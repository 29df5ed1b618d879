import type { GlobalFlags } from "./global-flags.ts";

/** Seconds: what a try has at least, and what an answer takes at most where the server is alive. */
const [shortest, longest] = [10, 90];

/**
 * The flags of a command that tries again for `retryTimeout` milliseconds (30 000 where there is no such flag): a try that is
 * not answered must not take longer than all tries may, so that a server that is silent is given up as one that is not there.
 */
export function withTryLimit<Flags extends GlobalFlags>(
  flags: Flags,
  { retryTimeout = 30_000 }: { retryTimeout?: number | undefined },
): Flags {
  if (flags.requestTimeout !== undefined) return flags;
  const seconds = Math.min(Math.max(Math.ceil(retryTimeout / 1_000), shortest), longest);
  return { ...flags, requestTimeout: `${seconds}s` };
}
