import type { KubeEvent } from "./event.ts";

/** Who an event says it is from: `source.component`, or `reportingComponent` where that is empty. It is what kubectl shows. */
export function componentOf({ source, reportingComponent }: Pick<KubeEvent, "source" | "reportingComponent">): string {
  return source?.component || reportingComponent || "";
}
