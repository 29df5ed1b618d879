import { Counter, Gauge, type Registry } from "prom-client";
import type { MetricDefinition } from "./metric-definition.ts";

export interface SeriesTableOptions {
  readonly registry: Registry;
  /** Label sets that are kept. What comes with another one goes to `fold`'s. */
  readonly mostSeries: number;
  /** The label values under which what is too much is counted; without it, nowhere. */
  readonly fold?: ((values: readonly string[]) => readonly string[]) | undefined;
  /** Called for each change that did not find a place. */
  onFolded(amount: number): void;
}

/** One metric with many label sets, changed often. Label values are given in the order of the definition's labels. */
export interface SeriesTable {
  add(values: readonly string[], amount: number): void;
  /** False when there is no room for one more label set. */
  set(values: readonly string[], value: number): boolean;
  remove(values: readonly string[]): void;
}

interface Series {
  labels: Record<string, string>;
  value: number;
}

/** Characters; who writes events must not be able to fill the memory with one label. */
const longestValue = 256;

/**
 * A counter or gauge that can be changed 10,000 times a second: prom-client's own makes a label set into a string, sorted
 * and checked, at each change.
 */
export function createSeriesTable(definition: MetricDefinition, options: SeriesTableOptions): SeriesTable {
  const { registry, mostSeries, fold, onFolded } = options;
  const { name, help, labels } = definition;
  const series = new Map<string, Series>();
  const rest = new Map<string, Series>();
  const configuration = { name, help, labelNames: labels, registers: [registry] };
  const metric = definition.type === "counter" ? new Counter(configuration) : new Gauge(configuration);
  const own = metric.get.bind(metric);
  // Read at each page; nothing else looks into the metric.
  metric.get = async () => ({ ...(await own()), values: [...series.values(), ...rest.values()] });

  const found = (values: readonly string[], amount: number): Series | undefined => {
    const key = keyOf(values);
    const known = series.get(key);
    if (known) return known;
    if (series.size < mostSeries) return created(series, key, values);
    onFolded(amount);
    if (!fold) return undefined;
    const folded = fold(values);
    const restKey = keyOf(folded);
    return rest.get(restKey) ?? created(rest, restKey, folded);
  };

  function created(table: Map<string, Series>, key: string, values: readonly string[]): Series {
    const one = { labels: Object.fromEntries(labels.map((label, at) => [label, cut(values[at] ?? "")])), value: 0 };
    table.set(key, one);
    return one;
  }

  return {
    add: (values, amount) => {
      const one = found(values, amount);
      if (one) one.value += amount;
    },
    set: (values, value) => {
      const one = found(values, 1);
      if (one) one.value = value;
      return one !== undefined;
    },
    remove: (values) => {
      series.delete(keyOf(values));
    },
  };
}

/** Different for different values: no text in them can be taken for what separates them. */
function keyOf(values: readonly string[]): string {
  let key = "";
  for (const value of values) {
    const text = cut(value);
    key += `${text.length}:${text}`;
  }
  return key;
}

function cut(value: string): string {
  return value.length > longestValue ? `${value.slice(0, longestValue - 1)}…` : value;
}
