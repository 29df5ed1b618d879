import type { ProbeCommandOptions } from "../commands/probe.ts";
import { humanDuration } from "../events/age.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import { createTypeResolver } from "../kube/resolve-type.ts";
import { checkText } from "../probe/probe-events.ts";
import { probeOnce } from "../probe/probe-once.ts";
import { probedTargets } from "../probe/probed-targets.ts";
import type { CheckResult, ProbeEntry, ProbeTarget } from "../probe/target.ts";
import { exitCodes } from "../util/errors.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";
import { openConnection } from "./open-connection.ts";
import { createRemarks } from "./remarks.ts";

/** `kev probe --once`: a line for each target; 3 when one of them is down. The API server is asked for Ingresses only. */
export async function runProbeOnce(
  options: ProbeCommandOptions,
  entries: readonly ProbeEntry[],
  concurrency: number | undefined,
  context: Context,
): Promise<number> {
  const { clock, env, signal, stdout } = context;
  context.endAtOnce();
  const remarks = await createRemarks(context, options.color);
  const targets = await targetsOf(options, entries, context, (text) => remarks.note(text));
  let isDown = false;
  for await (const { target, result } of probeOnce(targets, { clock, env, signal, concurrency })) {
    isDown ||= result.outcome !== "ok";
    stdout.write(`${escapeTerminal(lineOf(target, result))}\n`);
  }
  return isDown ? exitCodes["not-so"] : 0;
}

async function targetsOf(
  options: ProbeCommandOptions,
  entries: readonly ProbeEntry[],
  context: Context,
  onSkipped: (text: string) => void,
): Promise<readonly ProbeTarget[]> {
  if (entries.every(({ url }) => url !== undefined)) return probedTargets(entries, [], onSkipped);
  const { findSubjects } = await import("../probe/find-subjects.ts");
  const connection = await openConnection(options, context);
  try {
    const { clock, env, homeDir, signal } = context;
    const cacheDir = cacheFolder(options.cacheDir, env, homeDir);
    const resolver = createTypeResolver(connection, { clock, cacheDir, signal });
    const derived = entries.filter(({ url }) => url === undefined);
    return probedTargets(
      entries,
      await findSubjects(connection, resolver, derived, { signal, mayMiss: false }),
      onSkipped,
    );
  } finally {
    connection.close();
  }
}

/** `https://ui.example.com/ is up: 200 OK (12ms)`, and what is to be known of its certificate. */
function lineOf({ name, settings }: ProbeTarget, result: CheckResult): string {
  const { outcome, at, certificate } = result;
  const left = certificate ? certificate.expiresAt.getTime() - at.getTime() : Number.POSITIVE_INFINITY;
  const expiry = left < settings.certificateExpiry ? `; its certificate expires in ${humanDuration(left)}` : "";
  return `${name} is ${outcome === "ok" ? "up" : "down"}: ${checkText(result)}${expiry}`;
}
