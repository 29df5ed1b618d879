import type { Context } from "./context.ts";

/** A command's logic: what was asked, and the world, to an exit code. */
export type Run<Options> = (options: Options, context: Context) => Promise<number>;

/** What commands need of the program that they are declared in. */
export interface Session {
  /**
   * Loads a command's logic and runs it; its result becomes the program's exit code. Tests pass a session that keeps
   * the options instead.
   */
  run<Options>(name: string, options: Options, load: () => Promise<Run<Options>>): Promise<void>;
}
