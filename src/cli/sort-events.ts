import type { KubeEvent } from "../events/event.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import { KevError } from "../util/errors.ts";
import { compareFields, sortKey } from "./compare-fields.ts";
import type { EventRow } from "./event-table.ts";
import { compileJsonPath, relaxedJsonPath } from "./jsonpath.ts";

/** Puts rows into the order of their events; the list it is given stays as it is. */
export type EventOrder = (rows: readonly EventRow[]) => EventRow[];

/**
 * The order that kev prints events in: by when they were last seen, then by when first, then by resourceVersion; those
 * that say no time come first.
 */
export const byLastSeen: EventOrder = (rows) =>
  sorted(
    rows,
    ({ event }) => {
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
  return (rows) => {
    const found = new Map(rows.map(({ event }) => [event, template.find(event)[0] ?? []]));
    if (rows.length > 0 && ![...found.values()].some((values) => values.length > 0)) {
      throw new KevError("failed", `couldn't find any field with path ${JSON.stringify(field)} in the list of objects`);
    }
    return sorted(rows, ({ event }) => sortKey(found.get(event)?.[0], field), compareFields);
  };
}

function versionOf({ metadata: { resourceVersion = "" } }: KubeEvent): bigint {
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : 0n;
}

function sorted<Key>(
  rows: readonly EventRow[],
  keyOf: (row: EventRow) => Key,
  compare: (a: Key, b: Key) => number,
): EventRow[] {
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ row }) => row);
}
