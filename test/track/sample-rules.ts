import { referenceTo } from "../../src/events/object-reference.ts";
import type { FieldPath } from "../../src/track/field-path.ts";
import { createHide } from "../../src/track/hidden-value.ts";
import { parsePathPattern } from "../../src/track/path-pattern.ts";
import type { ChangeRules } from "../../src/track/take-change.ts";
import { trimObject } from "../../src/track/trimmed-object.ts";
import { createVisibility, type VisibilityOptions, visibilityText } from "../../src/track/visibility.ts";

export interface SampleRulesOptions extends VisibilityOptions {
  debounce?: number;
  showValues?: readonly string[];
  ignoreManagers?: readonly string[];
  /** Visibilities of earlier runs. */
  earlier?: readonly VisibilityOptions[];
}

/** Rules about Deployments. */
export function sampleRules(options: SampleRulesOptions = {}): ChangeRules {
  const { debounce = 2_000, ignoreManagers = [], earlier = [] } = options;
  const all = [...earlier, options].map((one) => createVisibility(visibilityText(one)));
  const number = all.length - 1;
  const shown = (options.showValues ?? []).map(parsePathPattern);
  const isShown = (path: FieldPath): boolean => shown.some((pattern) => pattern.covers(path));
  const isVisible = all[number] ?? (() => true);
  return {
    keep: (object) => ({
      object: trimObject(object, { isVisible, isShown, hashKey: "k" }),
      visibility: number,
    }),
    hide: (uid) => createHide("k", uid),
    visibility: (index) => all[index] ?? (() => false),
    referenceTo: (_type, object) =>
      referenceTo({ apiVersion: "apps/v1", kind: "Deployment", namespaced: true }, object),
    isIgnored: (manager) => ignoreManagers.includes(manager),
    debounce,
  };
}
