import type { Delivery } from "../../src/sinks/delivery.ts";
import type { Receiver } from "./sink-contract.ts";

/** A receiver of JSON lines, for sinks without troubles of the contract's kind. */
export function linesReceiver(parts: Pick<Receiver, "options" | "bytes"> & Partial<Receiver>): Receiver {
  return {
    secrets: [],
    received: async () => {
      const lines = (await parts.bytes()).join("").split("\n");
      // Behind the last line feed there is nothing.
      if (lines.pop() !== "") throw new Error("The last line has no end");
      return lines.map((line) => {
        const { id, event }: Delivery = JSON.parse(line);
        return { id, ...(event.message === undefined ? {} : { message: event.message }) };
      });
    },
    close: async () => undefined,
    ...parts,
  };
}
