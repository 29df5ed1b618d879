import type { PodFlags } from "../commands/pod-flags.ts";
import type { PodOptions } from "../kube/install-parts.ts";
import { parsePairs } from "./parse-pairs.ts";

/** The part of the flags that says what Pods are made of. */
export function podOptions(flags: PodFlags): PodOptions {
  const { nodeSelector } = flags;
  return {
    image: flags.image ?? "",
    imagePullPolicy: flags.imagePullPolicy,
    imagePullSecrets: flags.imagePullSecret,
    cpuRequest: flags.cpuRequest,
    memoryRequest: flags.memoryRequest,
    memoryLimit: flags.memoryLimit,
    nodeSelector: nodeSelector === undefined ? undefined : parsePairs("node-selector", nodeSelector),
    priorityClassName: flags.priorityClass,
  };
}
