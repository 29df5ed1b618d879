import type { ConfigDefaults, RunConfig } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { builtInPresets, decisionOf, decisionPresets, mergePresets, type Preset } from "../events/presets.ts";
import type { Context } from "./context.ts";

/** The presets there are, the user's own among them, and the user's defaults. */
export interface LoadedPresets {
  presets: readonly Preset[];
  defaults: ConfigDefaults;
  run?: RunConfig;
}

/** Reads the config file, if there is one. What decisions mean is not the user's to change. */
export async function loadPresets(file: string | undefined, { env, cwd, homeDir }: Context): Promise<LoadedPresets> {
  const fixedPresets = decisionPresets.map(({ name }) => name);
  const config = await loadConfig({ file, env, cwd, homeDir, fixedPresets });
  const own = config.presets.map(
    (preset): Preset => ({ type: decisionOf(preset.reason)?.type ?? "Normal", description: "", ...preset }),
  );
  return { presets: mergePresets(own), defaults: config.defaults, ...(config.run && { run: config.run }) };
}

/** The presets there are; those built in where the config file cannot be used. */
export async function usablePresets(file: string | undefined, context: Context): Promise<readonly Preset[]> {
  try {
    return (await loadPresets(file, context)).presets;
  } catch {
    return builtInPresets;
  }
}
