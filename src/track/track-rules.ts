import type { KubeObject } from "../events/event.ts";
import { referenceTo } from "../events/object-reference.ts";
import { KevError } from "../util/errors.ts";
import type { FieldPath } from "./field-path.ts";
import { createHide } from "./hidden-value.ts";
import { parsePathPattern } from "./path-pattern.ts";
import type { ChangeRules } from "./take-change.ts";
import type { TrackedType } from "./tracked-types.ts";
import { trimObject } from "./trimmed-object.ts";
import { createVisibility, type Visibility } from "./visibility.ts";

export interface TrackRulesOptions {
  readonly types: readonly TrackedType[];
  readonly showValues: readonly string[];
  readonly ignoreManagers: readonly string[];
  readonly debounce: number;
  /** Texts of all visibilities under which something may be kept; what is kept from now on is under `visibility`. */
  readonly visibilities: readonly string[];
  readonly visibility: string;
  readonly hashKey: string;
}

/** kev's own programs. */
const own: readonly string[] = ["kev", "kev-gate", "kev-track"];

/** @throws usage error for what is no path */
export function createTrackRules(options: TrackRulesOptions): ChangeRules {
  const { types, visibilities, hashKey, debounce } = options;
  const shown = options.showValues.map(parsePathPattern);
  const ignored = new Set([...own, ...options.ignoreManagers]);
  const made = visibilities.map(createVisibility);
  const number = visibilities.indexOf(options.visibility);
  const visibility = (index: number): Visibility => made[index] ?? (() => false);
  const isShown = (path: FieldPath): boolean => shown.some((one) => one.covers(path));
  const trim = { isVisible: visibility(number), isShown, hashKey };

  function referenceOf(name: string, object: KubeObject) {
    const tracked = types.find((one) => one.name === name);
    if (!tracked) throw new KevError("failed", `${name} are not tracked`);
    const { apiVersion, type } = tracked;
    return referenceTo({ apiVersion, kind: type.kind, namespaced: type.namespaced }, object);
  }

  return {
    keep: (object) => ({ object: trimObject(object, trim), visibility: number }),
    hide: (uid) => createHide(hashKey, uid),
    visibility,
    referenceTo: referenceOf,
    isIgnored: (manager) => ignored.has(manager),
    debounce,
  };
}
