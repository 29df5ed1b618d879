import { hostname } from "node:os";
import { resolve } from "node:path";
import { systemClock } from "../util/clock.ts";
import type { SinkServices } from "./sink.ts";

/**
 * What sinks get from the machine: its environment, clock and name, and the folder that the program runs in.
 *
 * @param stdout what sinks of the type stdout write to
 */
export function systemServices(stdout: SinkServices["stdout"]): SinkServices {
  return { env: process.env, clock: systemClock, cwd: resolve("."), hostName: hostname, stdout };
}
