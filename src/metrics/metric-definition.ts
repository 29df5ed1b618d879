import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** A metric as data: what Prometheus reads, the tables of the docs, dashboards and alert rules are made of it. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** A phrase without a full stop. */
  readonly help: string;
  readonly labels: readonly string[];
  /** What a value counts, for the axes of a dashboard; undefined: how many. */
  readonly unit?: "seconds" | "timestamp" | "bytes" | "boolean";
  /** Of a histogram. */
  readonly buckets?: readonly number[];
}

/** Rows of a table for people: name, type, labels, help. */
export function metricRows(definitions: Iterable<MetricDefinition>): string[][] {
  return [...definitions].map(({ name, type, labels, help }) => [`\`${name}\``, type, labels.join(", "), help]);
}

export function counter({ name, help, labels }: MetricDefinition, registry: Registry): Counter {
  return new Counter({ name, help, labelNames: labels, registers: [registry] });
}

export function gauge({ name, help, labels }: MetricDefinition, registry: Registry): Gauge {
  return new Gauge({ name, help, labelNames: labels, registers: [registry] });
}

export function histogram({ name, help, labels, buckets }: MetricDefinition, registry: Registry): Histogram {
  return new Histogram({
    name,
    help,
    labelNames: labels,
    ...(buckets && { buckets: [...buckets] }),
    registers: [registry],
  });
}
