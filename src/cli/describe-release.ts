import { digestsOf, imagesOf } from "../events/decision.ts";
import type { KubeObject } from "../events/event.ts";
import { imageChanges } from "../events/image-changes.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { replicaSetsOf, rolledOut } from "../read/replica-sets.ts";
import { errorMessage } from "../util/file-error.ts";
import { recordOf } from "../util/is-record.ts";

/**
 * What a person decides on, in one line: the images that run and those of the release. Says so when what runs cannot be
 * read; never fails for it.
 */
export async function describeRelease(
  connection: Connection,
  deployment: KubeObject,
  signal: AbortSignal,
): Promise<string> {
  const { name = "" } = deployment.metadata;
  const { template } = recordOf(deployment.spec);
  const wanted = imagesOf(template);
  const release = `deployment/${name}, release ${digestsOf(template).digest}`;
  try {
    const { running, isOut } = rolledOut(deployment, await replicaSetsOf(connection, deployment, signal));
    const state = isOut ? "rolled out already" : running === undefined ? "the first release" : "running → this release";
    return `${release}: ${imageChanges(running, wanted)} (${state})`;
  } catch (error) {
    signal.throwIfAborted();
    const isForbidden = error instanceof ApiError && error.httpStatus === 403;
    const why = isForbidden ? "you may not list replicasets" : errorMessage(error);
    return `${release}: ${wanted} (what runs now is not known: ${why})`;
  }
}
