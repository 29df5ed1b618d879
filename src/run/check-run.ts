import { checkReason } from "../events/build-event.ts";
import { parseObjectArguments } from "../kube/object-arguments.ts";
import { checkInput } from "../record/prepare-emission.ts";
import { createId } from "../util/create-id.ts";
import { usageError } from "../util/errors.ts";
import { createMasking, type Masking } from "./masking.ts";
import { endContent, type RunSubject, runSubject, startContent } from "./run-content.ts";
import type { RunWithEventsOptions } from "./run-options.ts";
import { secretsOfEnv } from "./secrets-of-env.ts";

export interface CheckedRun {
  readonly subject: RunSubject;
  readonly mask: Masking;
  readonly tailLines: number;
}

const usualTailLines = 10;
const usualReason = "Command";

/** Everything that can be wrong with what is asked, before a command is run or a server asked. Throws usage errors. */
export async function checkRun(
  options: RunWithEventsOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CheckedRun> {
  const { command, message, showCommand, on, reason = usualReason, tailLines = usualTailLines } = options;
  if (command[0] === "") throw usageError("the command is empty");
  if (on.length === 0) throw usageError("no object was named that the events are about");
  for (const object of on) {
    // Whether there is such a type only the server knows.
    await parseObjectArguments({ args: [object], defaultKind: "Deployment" }, async () => false);
  }
  checkReason(reason);
  const suffix = /(Started|Succeeded|Failed)$/.exec(reason)?.[0];
  if (suffix !== undefined) {
    throw usageError(`the reason ${reason} would become ${reason}Started, ${reason}Succeeded and ${reason}Failed`, {
      hint: `leave ${suffix} out`,
    });
  }
  const mask = createMasking(options.masks ?? [], [...secretsOfEnv(env), ...(options.secrets ?? [])]);
  const subject = { reason, subject: runSubject({ command, message, showCommand, mask }), runId: createId() };
  for (const content of [startContent(subject), endContent(subject, { kind: "exited", code: 0 }, 0, [])]) {
    const { own, step, ...says } = content;
    checkInput({ ...options, ...says });
  }
  return { subject, mask, tailLines };
}
