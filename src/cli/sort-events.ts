import type { KubeEvent } from "../events/event.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import { KevError } from "../util/errors.ts";
import { compareFields, sortKey } from "./compare-fields.ts";
import { compileJsonPath, relaxedJsonPath } from "./jsonpath.ts";

/** Puts events into order; the list it is given stays as it is. */
export type EventOrder = (events: readonly KubeEvent[]) => KubeEvent[];

/**
 * The order that kev prints events in: by when they were last seen, then by when first, then by resourceVersion; those
 * that say no time come first.
 */
export const byLastSeen: EventOrder = (events) =>
  sorted(
    events,
    (event) => {
      const { first, last } = occurrencesOf(event);
      return { first: first?.getTime() ?? 0, last: last?.getTime() ?? 0, version: versionOf(event) };
    },
    (a, b) => a.last - b.last || a.first - b.first || Number(a.version > b.version) - Number(a.version < b.version),
  );

/**
 * The order of `--sort-by PATH`, as kubectl's: `.lastTimestamp`, `metadata.name`, `{.count}`. Events without the field
 * come first; those alike in it keep their order. Only the first value that a path selects counts. No path is no wish:
 * {@link byLastSeen}.
 *
 * Throws a usage error for a path that cannot be read. Ordering throws one for values without an order, and one of kind
 * `failed`, with kubectl's text, when no event of a list has the field.
 * Source: SortObjects of k8s.io/kubectl/pkg/cmd/get/sorter.go.
 */
export function bySortPath(path: string): EventOrder {
  if (path === "") return byLastSeen;
  const field = relaxedJsonPath(path);
  const template = compileJsonPath(field);
  return (events) => {
    const found = new Map(events.map((event) => [event, template.find(event)[0] ?? []]));
    if (events.length > 0 && ![...found.values()].some((values) => values.length > 0)) {
      throw new KevError("failed", `couldn't find any field with path ${JSON.stringify(field)} in the list of objects`);
    }
    return sorted(events, (event) => sortKey(found.get(event)?.[0], field), compareFields);
  };
}

function versionOf({ metadata: { resourceVersion = "" } }: KubeEvent): bigint {
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : 0n;
}

function sorted<Key>(
  events: readonly KubeEvent[],
  keyOf: (event: KubeEvent) => Key,
  compare: (a: Key, b: Key) => number,
): KubeEvent[] {
  return events
    .map((event) => ({ event, key: keyOf(event) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ event }) => event);
}
