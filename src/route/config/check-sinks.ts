import type { Report } from "../../config/map-reader.ts";
import { nearest } from "../../util/nearest.ts";
import type { SinkMention } from "./read-routes.ts";
import type { ReadSink } from "./read-sinks.ts";

/** Reports names that no sink has, sinks that nothing leads to, and fallbacks that lead back to where they come from. */
export function checkSinks(sinks: readonly ReadSink[], mentions: readonly SinkMention[], report: Report): void {
  const byName = new Map(sinks.map((sink) => [sink.name, sink]));
  const unknown = (name: string): string => {
    const [near] = nearest(name, byName.keys(), 1);
    const known = byName.size === 0 ? "there are none" : `there are ${[...byName.keys()].join(", ")}`;
    return `there is no sink "${name}", ${near === undefined ? known : `did you mean "${near}"?`}`;
  };
  for (const { sink, ...place } of mentions) if (!byName.has(sink)) report(place, unknown(sink));
  for (const { fallback, fallbackPlace, place } of sinks) {
    if (fallback !== undefined && !byName.has(fallback)) report(fallbackPlace ?? place, unknown(fallback));
  }
  checkUse(sinks, byName, mentions, report);
  checkCycles(sinks, byName, report);
}

type ByName = ReadonlyMap<string, ReadSink>;

function checkUse(sinks: readonly ReadSink[], byName: ByName, mentions: readonly SinkMention[], report: Report): void {
  const used = new Set<string>();
  for (let names = mentions.map(({ sink }) => sink); names.length > 0; ) {
    const next = names.filter((name) => byName.has(name) && !used.has(name));
    for (const name of next) used.add(name);
    names = next.flatMap((name) => byName.get(name)?.fallback ?? []);
  }
  for (const { name, place } of sinks) {
    if (!used.has(name)) report(place, `no route leads to sink "${name}"`);
  }
}

/** Each cycle once, at the fallback that closes it. */
function checkCycles(sinks: readonly ReadSink[], byName: ByName, report: Report): void {
  const done = new Set<string>();
  for (const { name } of sinks) {
    const path: string[] = [];
    let current = byName.get(name);
    while (current && !done.has(current.name) && !path.includes(current.name)) {
      path.push(current.name);
      current = current.fallback === undefined ? undefined : byName.get(current.fallback);
    }
    const start = current ? path.indexOf(current.name) : -1;
    const closing = byName.get(path.at(-1) ?? "");
    if (current && start >= 0 && closing) {
      const cycle = [...path.slice(start), current.name].join(" → ");
      report(closing.fallbackPlace ?? closing.place, `the fallback leads back: ${cycle}`);
    }
    for (const seen of path) done.add(seen);
  }
}
