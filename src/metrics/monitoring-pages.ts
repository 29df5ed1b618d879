/** One thing that must be so for a program to do its work; each is a line of `/readyz`. */
export interface Readiness {
  check: string;
  /** Undefined: all is well. */
  problem: string | undefined;
}

/** What is answered to a GET. */
export interface Page {
  status: number;
  contentType: string;
  text: string;
}

export interface MonitoringPagesOptions {
  /** Aborted when the program has been asked to end: from then on it is not ready. */
  signal: AbortSignal;
  /** Never throws; what it asks of others it gives up when the signal aborts. */
  readiness(signal: AbortSignal): Promise<readonly Readiness[]>;
  metrics(): Promise<{ contentType: string; text: string }>;
}

/** Milliseconds that looking whether all is well may take; a Pod's probe waits longer. */
const readinessTimeout = 2_000;

/**
 * The page of a path: `/metrics`, `/healthz` (200 while the process answers at all) and `/readyz` (503 with the problems
 * while there are any). Undefined for other paths.
 */
export async function monitoringPage(path: string, options: MonitoringPagesOptions): Promise<Page | undefined> {
  const contentType = "text/plain";
  if (path === "/healthz") return { status: 200, contentType, text: "ok" };
  if (path === "/metrics") return { status: 200, ...(await options.metrics()) };
  if (path !== "/readyz") return undefined;
  const ending = { check: "shutdown", problem: options.signal.aborted ? "the process is ending" : undefined };
  const checks = [ending, ...(await options.readiness(AbortSignal.timeout(readinessTimeout)))];
  // The form of the API server's own page.
  const lines = checks.map(({ check, problem }) => (problem ? `[-]${check} failed: ${problem}` : `[+]${check} ok`));
  const isReady = checks.every(({ problem }) => problem === undefined);
  const end = isReady ? "readyz check passed" : "readyz check failed";
  return { status: isReady ? 200 : 503, contentType, text: `${[...lines, end].join("\n")}\n` };
}
