import { timeText } from "../events/age.ts";
import type { KubeObject } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { objectPath } from "../kube/object-path.ts";
import { builtInType } from "../kube/resource-table.ts";
import type { Clock } from "../util/clock.ts";
import { approvedCondition, type Condition, type ConditionText, conditionOn } from "./approved-condition.ts";

/**
 * Writes the condition `kev.dev/Approved` of a Deployment, through its status: its spec and generation stay as they are.
 * Needs patch on deployments/status.
 *
 * @throws ApiError (a conflict for one that was deleted and made again), UnreachableError
 */
export async function setCondition(
  connection: Connection,
  deployment: KubeObject,
  text: ConditionText,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { namespace, name, uid } = deployment.metadata;
  const now = timeText(clock.now());
  const before = conditionOn(deployment);
  const isChange = before?.status !== text.status;
  const condition: Condition = {
    type: approvedCondition,
    ...text,
    lastUpdateTime: now,
    lastTransitionTime: (isChange ? undefined : before?.lastTransitionTime) ?? now,
  };
  await connection.request({
    method: "PATCH",
    path: `${objectPath(builtInType("apps", "deployments"), namespace, name)}/status`,
    query: { fieldManager: "kev-gate" },
    contentType: "application/strategic-merge-patch+json",
    body: { metadata: { uid }, status: { conditions: [condition] } },
    signal,
  });
}
