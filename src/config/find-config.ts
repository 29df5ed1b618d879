import { isAbsolute, join, resolve } from "node:path";

/** Where a config file is looked for. */
export interface ConfigCandidate {
  /** As messages show it. */
  shown: string;
  /** Absolute. */
  file: string;
  /** `--config` or `$KEV_CONFIG` when one of them names it: then it must exist. */
  namedBy?: string;
}

export interface ConfigPlaces {
  /** The value of `--config`. */
  file?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  homeDir: string;
}

/**
 * The places of the config file, the first that exists counts: `--config`, `$KEV_CONFIG`, `./kev.yaml`,
 * `$XDG_CONFIG_HOME/kev/config.yaml` (`~/.config` where that is unset or not absolute, as its specification says).
 * A named file is the only place.
 */
export function configCandidates({ file, env, cwd, homeDir }: ConfigPlaces): ConfigCandidate[] {
  if (file !== undefined) return [{ shown: file, file: resolve(cwd, file), namedBy: "--config" }];
  const named = env.KEV_CONFIG;
  if (named) return [{ shown: named, file: resolve(cwd, named), namedBy: "$KEV_CONFIG" }];
  const xdg = env.XDG_CONFIG_HOME;
  const home = join(xdg && isAbsolute(xdg) ? xdg : join(homeDir, ".config"), "kev", "config.yaml");
  return [
    { shown: "kev.yaml", file: join(cwd, "kev.yaml") },
    { shown: home, file: home },
  ];
}
