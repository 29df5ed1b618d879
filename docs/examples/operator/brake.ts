// Stops rollouts that get nowhere. When a Pod of a Deployment that bears the label example.com/brake=on has backed off three
// times, the Deployment is paused, and an event on it says so. `kubectl rollout resume` lets it go on; the same release is not
// paused again. It may be killed and started at any time: what it has done stands on the Deployment.
//   npm install kev-events
//   NAMESPACE=prod node brake.ts
import { setTimeout as sleep } from "node:timers/promises";
import {
  ApiError,
  connect,
  createEventRecorder,
  followEvents,
  hasReason,
  type KubeEvent,
  type KubeObject,
  occurrencesOf,
} from "kev-events";

const label = "example.com/brake";
/** On a Deployment: the release that was paused, and when. */
const [pausedRelease, pausedAt] = ["example.com/paused-release", "example.com/paused-at"];
const enough = 3;
/** What a kubelet says of a container that does not start. */
const stuck = ["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull"];
/** Pods that are remembered: they come and go for as long as this runs. */
const mostHandled = 1_000;

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());

const connection = await connect({ namespace: process.env.NAMESPACE });
const recorder = createEventRecorder(connection, {
  component: "brake",
  onDropped: ({ object, message, why, error }) => log(`no event on ${object} (${why}): ${message}`, error),
});
const handled = new Set<string>();

log(`watching the Pods of namespace ${connection.namespace}`);
for await (const step of followEvents(connection, { matcher: hasReason("BackOff"), signal: ending.signal })) {
  if (step.type === "failed") log(`${step.during} failed, goes on in ${step.retryIn} ms`, step.error);
  if (step.type !== "event" || occurrencesOf(step.event).count < enough) continue;
  // What fails here is tried again when the Pod backs off once more, and after a restart.
  await unlessChanged(() => brake(step.event)).catch((error: unknown) => log("could not look after a Pod", error));
}

await recorder.close({ signal: AbortSignal.timeout(10_000) });
connection.close();

/** Pauses the Deployment of the Pod that backed off, unless that has been done, or it is about another release by now. */
async function brake({ involvedObject }: KubeEvent): Promise<void> {
  const { namespace: place = "", name = "", uid = "" } = involvedObject;
  if (handled.has(uid)) return;
  // An event is a reason to look, and no more: whoever may create events may say anything in one.
  const pod = await get(path`/api/v1/namespaces/${place}/pods/${name}`);
  const waiting =
    pod?.metadata.uid === uid ? waitingOf(pod).find(({ reason = "" }) => stuck.includes(reason)) : undefined;
  if (!waiting) return;
  const replicaSet = await ownerOf(pod, "ReplicaSet");
  let deployment = await ownerOf(replicaSet, "Deployment");
  const release = replicaSet?.metadata.labels?.["pod-template-hash"];
  if (!deployment || !release || deployment.metadata.labels?.[label] !== "on") return;

  if (deployment.metadata.annotations?.[pausedRelease] !== release) {
    if (!isNewest(replicaSet, deployment)) return;
    const annotations = { [pausedRelease]: release, [pausedAt]: new Date().toISOString() };
    deployment = await connection.request<KubeObject>({
      method: "PATCH",
      path: path`/apis/apps/v1/namespaces/${place}/deployments/${deployment.metadata.name}`,
      contentType: "application/merge-patch+json",
      // Refused when it has changed since it was read: perhaps it is about another release now.
      body: { metadata: { annotations, resourceVersion: deployment.metadata.resourceVersion }, spec: { paused: true } },
    });
    log(`paused ${deployment.metadata.name}`);
  }
  const at = Date.parse(deployment.metadata.annotations?.[pausedAt] ?? "");
  // Killed before this, it is done after the restart: the key makes it one event, `once` one occurrence.
  recorder.record(deployment, {
    what: "RolloutPaused",
    type: "Warning",
    message: `Paused release ${release}, whose Pod ${name} does not start: ${waiting.reason}: ${waiting.message}`,
    truncate: true,
    key: release,
    once: true,
    ...(at <= Date.now() && { at: new Date(at) }),
  });
  handled.add(uid);
  const [oldest = ""] = handled;
  if (handled.size > mostHandled) handled.delete(oldest);
}

/** Of each container that waits, why, as its Pod's status has it. */
function waitingOf({ status }: KubeObject): { reason?: string; message?: string }[] {
  type Containers = { state?: { waiting?: { reason?: string; message?: string } } }[] | undefined;
  const { containerStatuses, initContainerStatuses } = status as Record<string, Containers>;
  return [...(initContainerStatuses ?? []), ...(containerStatuses ?? [])].flatMap(({ state }) => state?.waiting ?? []);
}

function isNewest(replicaSet: KubeObject | undefined, deployment: KubeObject): boolean {
  const revision = "deployment.kubernetes.io/revision";
  return replicaSet?.metadata.annotations?.[revision] === deployment.metadata.annotations?.[revision];
}

async function ownerOf(object: KubeObject | undefined, kind: string): Promise<KubeObject | undefined> {
  const owner = object?.metadata.ownerReferences?.find((one) => one.controller && one.kind === kind);
  if (!owner) return undefined;
  const { namespace } = object?.metadata ?? {};
  const found = await get(path`/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${owner.name}`);
  return found?.metadata.uid === owner.uid ? { ...found, apiVersion: owner.apiVersion, kind } : undefined;
}

/** Runs it again when what it has read was changed under its hands. */
async function unlessChanged(run: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ApiError && error.httpStatus === 409) || ending.signal.aborted) throw error;
      await sleep(500, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
}

/** A path with names in it. */
function path(parts: TemplateStringsArray, ...names: (string | undefined)[]): string {
  return String.raw({ raw: parts }, ...names.map((name = "") => encodeURIComponent(name)));
}

/** Undefined for what is not there any more. */
async function get(from: string): Promise<KubeObject | undefined> {
  try {
    return await connection.request<KubeObject>({ path: from });
  } catch (error) {
    if (error instanceof ApiError && error.httpStatus === 404) return undefined;
    throw error;
  }
}

/** As JSON: what the server says must not reach a terminal as it is. */
function log(text: string, error?: unknown): void {
  process.stderr.write(`${JSON.stringify({ text, ...(error !== undefined && { error: String(error) }) })}\n`);
}
