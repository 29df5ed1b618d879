import { humanDuration, timeText } from "../events/age.ts";
import type { EventType, KubeEvent } from "../events/event.ts";
import { limits, truncateBytes } from "../events/limits.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import type { Outage } from "./probe-state.ts";
import type { CheckResult, ProbeTarget, SeenCertificate } from "./target.ts";

/** What the probe writes. */
export const probeReasons = {
  down: "SitePingFailed",
  up: "SitePingRecovered",
  expiring: "SiteCertificateExpiring",
} as const;

export type ProbeReason = (typeof probeReasons)[keyof typeof probeReasons];

/** Which target, and which outage of it, an event is about: what a later run reads. */
const targetAnnotation = "kev.dev/probe-target";
const outageAnnotation = "kev.dev/outage-start";

/** Who the events are from, unless the config file says otherwise. */
export const probeComponent = "kev-probe";

/** What one event says; the times of one that is counted up are its first and its newest. */
export interface ProbeEvent {
  readonly reason: ProbeReason;
  readonly type: EventType;
  readonly message: string;
  /** Makes it one event, whoever writes it and however often. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** In all, for where it has to be created. */
  readonly count: number;
  /** How many of them are new. */
  readonly amount: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** One that is there is enough. */
  readonly once: boolean;
}

/** `503 Service Unavailable (12ms), expected 200-399`. */
export function checkText({ outcome, seen, wanted, milliseconds }: CheckResult): string {
  const time = outcome === "timeout" ? "" : ` (${milliseconds}ms)`;
  return `${seen}${time}${wanted === undefined ? "" : `, expected ${wanted}`}`;
}

/** A target is down: `outage` as it is now, of whose failed checks `amount` are not told of yet. */
export function downEvent(target: ProbeTarget, outage: Outage, result: CheckResult, amount: number): ProbeEvent {
  return {
    ...{ reason: probeReasons.down, type: "Warning", once: false, amount, count: outage.failures },
    message: message(target, checkText(result)),
    ...outageParts(target, outage),
    ...{ first: outage.since, last: result.at.getTime() },
  };
}

/** The outage is over since `at`. */
export function upEvent(target: ProbeTarget, outage: Outage, result: CheckResult, at: number): ProbeEvent {
  const length = humanDuration(at - outage.since);
  const checks = `${outage.failures} failed ${outage.failures === 1 ? "check" : "checks"}`;
  const past = `down for ${length} since ${timeText(new Date(outage.since))}, ${checks}`;
  return {
    ...{ reason: probeReasons.up, type: "Normal", once: true, amount: 1, count: 1 },
    message: message(target, `${checkText(result)}; ${past}`),
    ...outageParts(target, outage),
    ...{ first: at, last: at },
  };
}

/** The certificate will run out. */
export function expiringEvent(
  target: ProbeTarget,
  { expiresAt, fingerprint }: SeenCertificate,
  at: number,
): ProbeEvent {
  const left = humanDuration(expiresAt.getTime() - at);
  return {
    ...{ reason: probeReasons.expiring, type: "Warning", once: false, amount: 1, count: 1 },
    message: message(target, `the certificate expires in ${left}, at ${timeText(expiresAt)}`),
    key: JSON.stringify([target.name, fingerprint]),
    annotations: { [targetAnnotation]: target.name },
    ...{ first: at, last: at },
  };
}

function outageParts(target: ProbeTarget, outage: Outage): Pick<ProbeEvent, "key" | "annotations"> {
  const start = new Date(outage.since).toISOString();
  return {
    key: JSON.stringify([target.name, start]),
    annotations: { [targetAnnotation]: target.name, [outageAnnotation]: start },
  };
}

function message({ name, url }: ProbeTarget, text: string): string {
  const which = name === url.shown ? name : `${name} (${url.shown})`;
  return truncateBytes(`${which}: ${text}`, limits.message);
}

/**
 * The outages that the events of an object leave open, by target: those that a `SitePingFailed` tells of and no
 * `SitePingRecovered`. Of several of one target the newest; those before it ended while nobody looked.
 */
export function openOutages(events: readonly KubeEvent[]): Map<string, Outage> {
  const told = (reason: string) =>
    events.flatMap((event) => {
      const { [targetAnnotation]: target, [outageAnnotation]: start = "" } = event.metadata.annotations ?? {};
      const since = new Date(start).getTime();
      const isOurs = event.reason === reason && target !== undefined && !Number.isNaN(since);
      return isOurs ? [{ target, since, failures: occurrencesOf(event).count }] : [];
    });
  const over = new Set(told(probeReasons.up).map(({ target, since }) => JSON.stringify([target, since])));
  const newest = new Map<string, Outage>();
  for (const { target, since, failures } of told(probeReasons.down)) {
    if ((newest.get(target)?.since ?? 0) <= since) newest.set(target, { since, failures });
  }
  return new Map([...newest].filter(([target, { since }]) => !over.has(JSON.stringify([target, since]))));
}
