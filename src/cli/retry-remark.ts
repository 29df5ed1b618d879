import { KevError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import type { Remarks } from "./remarks.ts";

/** What says at a terminal, once, that something is tried again: who waits there must know what for; a log is told in the end. */
export function retryRemark(remarks: Remarks, { stderr }: Pick<Context, "stderr">): (error: unknown) => void {
  let hasSaid = false;
  return (error) => {
    if (hasSaid || !stderr.isTTY || !(error instanceof KevError)) return;
    hasSaid = true;
    remarks.note(`${error.message}; trying again`);
  };
}
