import type { RouteConfig } from "../config/route-config.ts";

/**
 * The config with a file of dead letters for each sink that names none, beside the state: `prod.db` → `prod.chat.dead.jsonl`.
 * A fallback takes them first.
 */
export function withDeadLetters(config: RouteConfig, stateFile: string): RouteConfig {
  const base = stateFile.replace(/\.db$/, "");
  const sinks = config.sinks.map((sink) => {
    const deadLetters = sink.delivery.deadLetters ?? `${base}.${sink.name}.dead.jsonl`;
    return { ...sink, delivery: { ...sink.delivery, deadLetters } };
  });
  return { ...config, sinks };
}
