import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";

/** `warn`: nothing is lost, it is tried again. `error`: a human is needed. */
export type LogLevel = "info" | "warn" | "error";

/** Writes a line of a long-running program's log: the message is always the same words, what varies are fields. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, string | undefined>>) => void;

/** A log on stderr, a line each: `2026-11-24T12:00:00.000Z info "release denied" namespace=prod`. */
export function createLog({ stderr, clock }: Pick<Context, "stderr" | "clock">): Log {
  return (level, message, fields = {}) => {
    const given = Object.entries(fields).flatMap(([name, value]) => (value ? [`${name}=${quoted(value)}`] : []));
    stderr.write(`${[clock.now().toISOString(), level, JSON.stringify(message), ...given].join(" ")}\n`);
  };
}

function quoted(value: string): string {
  const text = escapeTerminal(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
