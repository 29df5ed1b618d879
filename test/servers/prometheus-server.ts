import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../control-plane/free-port.ts";
import { startServerProcess } from "../control-plane/server-process.ts";
import { startWatchdog } from "../control-plane/watchdog.ts";
import { needProgram } from "./need-program.ts";

/** A real Prometheus that this process started on a free port of 127.0.0.1, and that ends with it. */
export interface PrometheusServer {
  /** The answer to `/api/v1/PATH`, its `data`. */
  get(path: string): Promise<unknown>;
  /** What PromQL gives now: labels, but for those of the target, and value. */
  query(expression: string): Promise<{ labels: Record<string, string>; value: number }[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** `HOST:PORT` of a metrics page, which is read every second. */
  readonly target: string;
  /** File of rules. */
  readonly rules?: string | undefined;
}

export async function startPrometheus({ target, rules }: PrometheusOptions): Promise<PrometheusServer> {
  const path = needProgram("prometheus", "apt-get install prometheus");
  const dir = await mkdtemp(join(tmpdir(), "kev-prometheus-"));
  const port = await freePort();
  const api = `http://127.0.0.1:${port}`;
  // JSON is YAML.
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: rules === undefined ? [] : [rules],
    scrape_configs: [{ job_name: "kev", static_configs: [{ targets: [target] }] }],
  };
  const configFile = join(dir, "prometheus.yml");
  await writeFile(configFile, JSON.stringify(config));
  const watchdog = startWatchdog(dir);
  const args = [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(dir, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const server = startServerProcess({ name: "prometheus", path, args, dir, watchdog });

  async function get(what: string): Promise<unknown> {
    const response = await fetch(`${api}/api/v1/${what}`);
    const { data, error } = (await response.json()) as { data?: unknown; error?: string };
    if (!response.ok) throw new Error(`Prometheus answered HTTP ${response.status}: ${error}`);
    return data;
  }

  async function stop(): Promise<void> {
    await server.kill();
    await watchdog.disarm();
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  try {
    await server.waitUntil("be ready", async () => (await fetch(`${api}/-/ready`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get,
    async query(expression) {
      const { result } = (await get(`query?query=${encodeURIComponent(expression)}`)) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return result.map(({ metric: { job, instance, ...labels }, value: [, value] }) => ({
        labels,
        value: Number(value),
      }));
    },
    stop,
  };
}
