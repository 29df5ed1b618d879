import { type Command, Option } from "commander";
import type { GlobalFlags } from "../cli/global-flags.ts";

/** What a gate goes by, as every command that judges takes it. */
export interface GateFlags extends GlobalFlags {
  bind?: "release" | "object" | "name";
  ignoreRestarts?: boolean;
  policyName?: string;
  trust?: "policy" | "any";
}

/** Declares the flags of {@link GateFlags}. */
export function addGateFlags(command: Command): void {
  command
    .addOption(
      new Option(
        "--bind <what>",
        "what an approval is for: this release, any of this object, or the name as in the talk (default: release)",
      ).choices(["release", "object", "name"]),
    )
    .addOption(
      new Option(
        "--trust <whom>",
        "whose decisions count: those that the policy proves, or any writer's of events (default: policy)",
      ).choices(["policy", "any"]),
    )
    .option("--policy-name <name>", "the policy on decisions and its binding (default: kev-decisions)")
    .option("--ignore-restarts", "kubectl rollout restart makes no other release");
}
