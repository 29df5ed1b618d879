import { usageError } from "../util/errors.ts";
import { parsePort } from "./parse-port.ts";

/** The number of `--port`, and not any that is free: a Service must know it. */
export function parseFixedPort(text: string): number {
  const port = parsePort(text);
  if (port > 0) return port;
  throw usageError('invalid argument "0" for "--port" flag: it is a number from 1 on');
}
