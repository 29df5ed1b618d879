/** The exit codes of every kev command, as `kev help exit-codes` and the README print them. */
export const exitCodeTable: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "done"],
  ["1", "failed, or some of several failed"],
  ["2", "wrong usage or config"],
  ["3", "the thing asked about is not so (wait timed out, release not approved)"],
  ["4", "refused: not logged in (401), not allowed (403), denied by admission"],
  ["5", "not found: object, resource type, namespace or context"],
  ["6", "server unreachable: connection, TLS or time-out"],
  ["130, 143", "interrupted: Ctrl-C, SIGTERM"],
  ["125", "kev run only: kev failed itself, for whatever reason, and the command was not run"],
  ["126", "kev run only: the command cannot be run"],
  ["127", "kev run only: the command was not found"],
  ["any other", "kev run only: the command's own; 128 and the number of the signal that ended it"],
];

export function exitCodesHelp(): string {
  const width = Math.max(...exitCodeTable.map(([code]) => code.length)) + 2;
  const rows = exitCodeTable.map(([code, meaning]) => `  ${code.padEnd(width)}${meaning}`);
  return `Exit codes:\n${rows.join("\n")}\n`;
}
