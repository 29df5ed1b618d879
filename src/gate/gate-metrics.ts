import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The gate's metrics, as Prometheus reads them. */
export interface GateMetrics {
  reviewed(result: string, reason: string, seconds: number): void;
  readFailed(what: string): void;
  page(): Promise<{ contentType: string; text: string }>;
}

/** What is asked at each page. */
export interface GateState {
  /** How many releases wait. */
  waiting(): number;
  /** When the server's certificate ends; undefined before there is a server. */
  certificateExpiry(): Date | undefined;
}

export function createGateMetrics({ waiting, certificateExpiry }: GateState): GateMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const decisions = new Counter({
    name: "kev_gate_decisions_total",
    help: "Admission reviews answered, by result and reason",
    labelNames: ["result", "reason"],
    registers,
  });
  const latency = new Histogram({
    name: "kev_gate_review_duration_seconds",
    help: "Time from a review's whole body to its answer",
    labelNames: ["result"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const readErrors = new Counter({
    name: "kev_gate_read_errors_total",
    help: "Lists, watches and writes that failed and are tried again, by what they were of",
    labelNames: ["what"],
    registers,
  });
  new Gauge({
    name: "kev_gate_waiting_releases",
    help: "Releases that wait for an approval",
    registers,
    collect() {
      this.set(waiting());
    },
  });
  new Gauge({
    name: "kev_gate_certificate_expiry_timestamp_seconds",
    help: "When the certificate that is served ends, in seconds since 1970",
    registers,
    collect() {
      const expiry = certificateExpiry();
      if (expiry) this.set(expiry.getTime() / 1_000);
    },
  });
  return {
    reviewed: (result, reason, seconds) => {
      decisions.inc({ result, reason });
      latency.observe({ result }, seconds);
    },
    readFailed: (what) => readErrors.inc({ what }),
    page: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
