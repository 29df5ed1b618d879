import { Resolver } from "node:dns/promises";
import { errorCode } from "../../util/file-error.ts";
import { dnsQuestion } from "../config/parse-target-url.ts";
import type { ProbeTarget } from "../target.ts";
import { CheckFailure } from "./check-failure.ts";
import type { Sighting } from "./sighting.ts";

const failures: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such name",
  ENODATA: "no record of type TYPE",
  ESERVFAIL: "the server failed to answer",
  EREFUSED: "the server refuses to answer",
  ECONNREFUSED: "no DNS server there",
  ETIMEOUT: "the server does not answer",
};

/**
 * Asks a DNS server, as the machine's are asked when the URL names none; neither /etc/hosts nor search domains count.
 *
 * @throws CheckFailure, or the reason of the signal
 */
export async function checkDns({ url, settings }: ProbeTarget, sighting: Sighting, signal: AbortSignal): Promise<void> {
  const { name, server, type } = dnsQuestion(url.url);
  // What does not answer is asked once more by who checks: in the next interval.
  const resolver = new Resolver({ timeout: settings.timeout, tries: 1 });
  sighting.waitingFor = "an answer";
  const onAbort = (): void => resolver.cancel();
  signal.addEventListener("abort", onAbort, { once: true });
  let lines: string[];
  try {
    if (server !== undefined) resolver.setServers([server]);
    lines = [await resolver.resolve(name, type)].flat().map(recordText).sort();
  } catch (error) {
    signal.throwIfAborted();
    const known = failures[errorCode(error)]?.replace("TYPE", type);
    throw new CheckFailure("dns", known ?? `no answer (${errorCode(error) || "unknown reason"})`, { cause: error });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  const { expectBody } = settings;
  sighting.seen = `${lines.length} ${lines.length === 1 ? "record" : "records"}`;
  if (expectBody && !expectBody.matches(lines.join("\n"))) {
    throw new CheckFailure("body", `${sighting.seen} with other values`, { wanted: `/${expectBody.source}/` });
  }
}

/** One record, as a line of a zone file has its value. */
function recordText(record: unknown): string {
  if (typeof record === "string") return record;
  if (Array.isArray(record)) return record.join("");
  const { priority, weight, port, name, exchange } = record as Record<string, string | number | undefined>;
  return [priority, weight, port, name, exchange].filter((part) => part !== undefined).join(" ");
}
