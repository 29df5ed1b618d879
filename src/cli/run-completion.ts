import type { CompletionCommandOptions } from "../commands/completion.ts";
import { usageError } from "../util/errors.ts";
import { bashScript } from "./completion/bash-script.ts";
import { fishScript } from "./completion/fish-script.ts";
import { zshScript } from "./completion/zsh-script.ts";
import type { Context } from "./context.ts";

const scripts: ReadonlyMap<string, string> = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

/** `kev completion`: asks no server. */
export async function runCompletion({ shell }: CompletionCommandOptions, { stdout }: Context): Promise<number> {
  const script = scripts.get(shell);
  if (script === undefined) {
    // kubectl's text.
    throw usageError(`Unsupported shell type "${shell}".`, { hint: `there is ${[...scripts.keys()].join(", ")}` });
  }
  stdout.write(script);
  return 0;
}
