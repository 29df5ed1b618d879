import type { EventType } from "../events/event.ts";

/** A preset of the user's own, as the config file has it: every value checked, nothing filled in. */
export interface PresetConfig {
  /** `[a-z][a-z0-9-]*` */
  name: string;
  /** UpperCamelCase, at most 128 bytes. */
  reason: string;
  type?: EventType;
  /** At most 1024 bytes. */
  message?: string;
  component?: string;
  /** The type that a bare NAME is of: whatever kubectl takes as TYPE. */
  kind?: string;
  /** At most 128 bytes. */
  action?: string;
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  description?: string;
  /** Where it stands: `PATH:LINE`. */
  source: string;
}

/** What a flag that is not given means. */
export interface ConfigDefaults {
  /** `--component` */
  component?: string;
  /** `--instance`, at most 128 bytes. */
  instance?: string;
  /** Added to every event; `--label` and a preset's own win. */
  labels?: Record<string, string>;
  /** Added to every event; `--annotation` and a preset's own win. */
  annotations?: Record<string, string>;
  /** `--retry-timeout`, in milliseconds; 0: one try. Written as a duration: `30s`, `2m`. */
  retryTimeout?: number;
}

/** What `kev run` does where no flag says so. */
export interface RunConfig {
  /** Regular expressions of RE2 for what must not be shown, each with its place: `PATH:LINE:COLUMN`. */
  mask?: { pattern: string; source: string }[];
  /** `--tail-lines` */
  tailLines?: number;
}

/** The user's config file. */
export interface Config {
  /** The file it was read from, as a user would name it; undefined when there is none. */
  path?: string;
  /** In the file's order. */
  presets: PresetConfig[];
  defaults: ConfigDefaults;
  run?: RunConfig;
}

/** What is wrong at one place of the file; line and column count from 1. */
export interface ConfigProblem {
  line: number;
  column: number;
  message: string;
}
