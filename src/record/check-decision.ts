import { isDigest } from "../events/decision.ts";
import { type Naming, usageError } from "../util/errors.ts";
import type { EmitContent } from "./emit-options.ts";
import type { ResolvedContent } from "./resolve-content.ts";

/** What a decision may not say, and what nothing but a decision may. Throws usage errors. */
export function checkDecision(input: EmitContent, { decision }: ResolvedContent, now: Date): void {
  const { at, key, digest, expiresAt } = input;
  if (decision === undefined) {
    if (digest !== undefined) {
      throw usageError((name) => `${name("digest")} is for decisions about a release, like approve`);
    }
    if (expiresAt !== undefined) throw usageError(expiresIsFor);
    return;
  }
  const { reason } = decision;
  if (at !== undefined) {
    throw usageError(`a decision (${reason}) takes no time of its own: the server's clock orders decisions`);
  }
  if (key !== undefined) {
    throw usageError(`a decision (${reason}) takes no key: each decision is an event of its own`);
  }
  if (digest !== undefined && !isDigest(digest)) {
    throw usageError(`"${digest}" is no digest of a release`, {
      hint: "v1:sha256: and 64 digits, as kev gate status shows it",
    });
  }
  if (expiresAt === undefined) return;
  if (reason !== "Approval" && reason !== "BreakGlass") {
    throw usageError((name) => `a decision (${reason}) does not expire; ${expiresIsFor(name)}`);
  }
  if (!(expiresAt.getTime() > now.getTime())) throw usageError(`the decision would have expired at once`);
}

const expiresIsFor = (name: Naming): string => `${name("expiresAt")} is for approve and break-glass`;
