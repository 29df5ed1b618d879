import type { SinkServices } from "../../src/sinks/sink.ts";
import { fakeClock } from "./fake-clock.ts";

/** Services that touch nothing: no environment, no folder, a clock that stands at 2026-11-23T09:30:00Z, no stdout. */
export function sinkServices(parts: Partial<SinkServices> = {}): SinkServices {
  return {
    env: {},
    clock: fakeClock("2026-11-23T09:30:00Z"),
    cwd: "/nowhere",
    hostName: () => "router-0",
    stdout: {
      write: async () => {
        throw new Error("Unexpected write to stdout");
      },
    },
    ...parts,
  };
}
