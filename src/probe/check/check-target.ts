import { asKevError } from "../../util/as-kev-error.ts";
import type { SteadyClock } from "../../util/clock.ts";
import { KevError } from "../../util/errors.ts";
import type { Check, CheckResult, ProbeTarget } from "../target.ts";
import { CheckFailure } from "./check-failure.ts";
import { checkDns } from "./dns-check.ts";
import { checkHttp } from "./http-check.ts";
import type { Sighting } from "./sighting.ts";
import type { SiteAgents } from "./site-agents.ts";
import { checkTcp } from "./tcp-check.ts";

export interface CheckServices {
  readonly agents: SiteAgents;
  readonly clock: SteadyClock;
}

/** How `target` is checked, once for each call. What goes wrong is a result. */
export function createCheck(target: ProbeTarget, { agents, clock }: CheckServices): Check {
  const { settings } = target;
  return async (signal) => {
    signal.throwIfAborted();
    const sighting: Sighting = {};
    const [at, begun] = [clock.now(), clock.elapsed()];
    const ending = new AbortController();
    const late = setTimeout(() => ending.abort(tooLate(settings.timeout, sighting)), settings.timeout);
    const onAbort = (): void => ending.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    let failure: CheckFailure | undefined;
    try {
      await run(target, agents, sighting, ending.signal);
    } catch (error) {
      signal.throwIfAborted();
      // Files of certificates that cannot be read: nobody was asked.
      if (error instanceof KevError && error.kind === "usage") throw error;
      failure = error instanceof CheckFailure ? error : misused(error);
    } finally {
      clearTimeout(late);
      signal.removeEventListener("abort", onAbort);
    }
    const { seen = "", status, certificate } = sighting;
    const result: CheckResult = {
      outcome: failure?.reason ?? "ok",
      at,
      milliseconds: Math.round(clock.elapsed() - begun),
      seen: failure?.message ?? seen,
      ...{ wanted: failure?.wanted, status, certificate },
    };
    return result;
  };
}

async function run(target: ProbeTarget, agents: SiteAgents, sighting: Sighting, signal: AbortSignal): Promise<void> {
  const { protocol } = target.url;
  if (protocol === "dns") await checkDns(target, sighting, signal);
  else if (protocol === "tcp" || protocol === "tls") await checkTcp(target, agents, sighting, signal);
  else await checkHttp(target, agents, sighting, signal);
}

function tooLate(timeout: number, { waitingFor = "an answer" }: Sighting): CheckFailure {
  const limit = timeout % 1_000 === 0 ? `${timeout / 1_000}s` : `${timeout}ms`;
  return new CheckFailure("timeout", `waited ${limit} for ${waitingFor}`);
}

/** Such as headers that cannot be sent. */
function misused(error: unknown): CheckFailure {
  return new CheckFailure("connect", asKevError(error).message, { cause: error });
}
