import type { SteadyClock } from "../util/clock.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import { createCheck } from "./check/check-target.ts";
import { createSiteAgents } from "./check/site-agents.ts";
import type { CheckResult, ProbeTarget } from "./target.ts";

export interface ProbeOnceOptions {
  readonly clock: SteadyClock;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Checks under way at a time; default 64. */
  readonly concurrency?: number | undefined;
}

/**
 * Checks each target one time, whatever its thresholds are, and tells of them in their order.
 *
 * @throws KevError (usage), before anything is asked, for certificates that cannot be read or used
 */
export async function* probeOnce(
  targets: readonly ProbeTarget[],
  { clock, signal, env = {}, concurrency = 64 }: ProbeOnceOptions,
): AsyncGenerator<{ target: ProbeTarget; result: CheckResult }, void> {
  const agents = createSiteAgents({ env, clock });
  for (const { settings } of targets) await agents.material(settings.tls);
  yield* mapConcurrent(targets, concurrency, async (target) => ({
    target,
    result: await createCheck(target, { agents, clock })(signal),
  }));
}
