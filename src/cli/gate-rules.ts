import type { GateFlags } from "../commands/gate-flags.ts";
import type { GateRules } from "../gate/judge.ts";
import { parseNames } from "./parse-names.ts";

/** The part of the flags that says by what is judged. */
export function gateRules({ bind, trust, policyName, ignoreRestarts }: GateFlags): GateRules {
  return { bind, trust, policyName: parseNames("policy-name", policyName), ignoreRestarts };
}
