import { isOpen, type Reply } from "./reply.ts";

/**
 * ShellCompDirective of cobra, a sum of: 2, no space follows; 4, no files where there are no candidates; 16, folders only.
 * Source: https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective
 */
const directives = { files: 0, folders: 16, nothing: 4 };
const noSpace = 2;

/** The reply in cobra's form: a candidate a line, a tab before its description, and in the end `:` with the directive. */
export function cobraReply({ candidates, otherwise }: Reply): string {
  const lines = candidates.map(({ value, description }) =>
    description === undefined ? value : `${value}\t${description}`,
  );
  const isSpaceless = candidates.length > 0 && candidates.every(({ value }) => isOpen(value));
  const directive = candidates.length > 0 ? directives.nothing + (isSpaceless ? noSpace : 0) : directives[otherwise];
  return [...lines, `:${directive}`].map((line) => `${line}\n`).join("");
}

/** What every shell takes for itself. kubectl's scripts insert what several candidates share without quotes around it. */
const inert = /^[\p{L}\p{N}@%+=:,./_-]*$/u;

/** The reply for kubectl, without what one of its scripts might hand to the shell to be evaluated. */
export function kubectlReply(reply: Reply): string {
  return cobraReply({ ...reply, candidates: reply.candidates.filter(({ value }) => inert.test(value)) });
}
