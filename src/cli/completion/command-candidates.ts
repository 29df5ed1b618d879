import type { Command } from "commander";
import type { Candidate } from "./reply.ts";

/** The commands below one, without hidden ones. */
export function commandCandidates(command: Command): Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((below) => ({ value: below.name(), description: below.summary() }));
}
