import type { Config } from "./config.ts";
import { parseYaml } from "./parse-yaml.ts";
import { problemsError } from "./problems-error.ts";
import { type ValidateOptions, validateConfig } from "./validate-config.ts";

/**
 * The config that a file's text says.
 *
 * Throws one usage error that lists every problem in the order of the file, a line each: `PATH:LINE:COLUMN: MESSAGE`.
 */
export function parseConfig(text: string, options: ValidateOptions): Config {
  const { root, problems } = parseYaml(text);
  const validated = root && validateConfig(root, options);
  const all = [...problems, ...(validated?.problems ?? [])];
  if (all.length === 0) return validated?.config ?? { path: options.path, presets: [], defaults: {} };
  throw problemsError(options.path, all);
}
