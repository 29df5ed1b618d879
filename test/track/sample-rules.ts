import { referenceTo } from "../../src/events/object-reference.ts";
import type { ChangeRules } from "../../src/track/take-change.ts";
import { trimObject } from "../../src/track/trimmed-object.ts";
import { createVisibility, type VisibilityOptions, visibilityText } from "../../src/track/visibility.ts";

export interface SampleRulesOptions extends VisibilityOptions {
  debounce?: number;
  ignoreManagers?: readonly string[];
  /** Visibilities of earlier runs. */
  earlier?: readonly VisibilityOptions[];
}

/** Rules about Deployments. */
export function sampleRules(options: SampleRulesOptions = {}): ChangeRules {
  const { debounce = 2_000, ignoreManagers = [], earlier = [] } = options;
  const all = [...earlier, options].map((one) => createVisibility(visibilityText(one)));
  const number = all.length - 1;
  const isVisible = all[number] ?? (() => true);
  return {
    keep: (object) => ({
      object: trimObject(object, { isVisible, isShown: () => false, hashKey: "k" }),
      visibility: number,
    }),
    visibility: (index) => all[index] ?? (() => false),
    referenceTo: (_type, object) =>
      referenceTo({ apiVersion: "apps/v1", kind: "Deployment", namespaced: true }, object),
    isIgnored: (manager) => ignoreManagers.includes(manager),
    debounce,
  };
}
