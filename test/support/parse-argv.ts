import { withSubcommands } from "../../src/cli/command-tree.ts";
import { normalizeArgv } from "../../src/cli/normalize-argv.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { Session } from "../../src/cli/session.ts";

/** The command that an argv asks for, and with what; nothing of it is run or loaded. */
export interface Captured {
  command: string;
  options: unknown;
}

/** Parses `argv` as `kev` does. Throws commander's error for wrong usage, which `main` prints in kubectl's words. */
export async function parseArgv(argv: readonly string[]): Promise<Captured> {
  const captured: Captured[] = [];
  const session: Session = {
    run: async (command, options) => void captured.push({ command, options }),
  };
  const program = createProgram(session);
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  }
  await program.parseAsync(normalizeArgv(argv, program), { from: "user" });
  const [only, ...more] = captured;
  if (only === undefined || more.length > 0) throw new Error(`kev ${argv.join(" ")} ran ${captured.length} commands`);
  return only;
}
