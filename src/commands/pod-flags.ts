import { type Command, Option } from "commander";
import { collect } from "../cli/collect.ts";

/** What the Pods of kev's own programs are made of. */
export interface PodFlags {
  cpuRequest?: string;
  image?: string;
  imagePullPolicy?: string;
  imagePullSecret?: string[];
  memoryLimit?: string;
  memoryRequest?: string;
  nodeSelector?: string[];
  priorityClass?: string;
}

/** Declares the flags of {@link PodFlags}, but for --image: what it is of is the command's to say. */
export function addPodFlags(command: Command): void {
  command
    .addOption(
      new Option("--image-pull-policy <policy>", "when the image is pulled (default: the cluster's)").choices([
        "Always",
        "IfNotPresent",
        "Never",
      ]),
    )
    .option("--image-pull-secret <name>", "Secret with which the image is pulled; may be repeated", collect)
    .option("--cpu-request <quantity>", "CPU that each Pod asks for (default: 50m)")
    .option("--memory-request <quantity>", "memory that each Pod asks for (default: 128Mi)")
    .option("--memory-limit <quantity>", "memory that each Pod may have (default: 512Mi)")
    .option("--node-selector <key=value>", "label of the nodes to run on; may be repeated", collect)
    .option("--priority-class <name>", "priority class of the Pods");
}
