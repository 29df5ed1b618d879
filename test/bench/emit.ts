import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane } from "../support/control-plane.ts";
import type { Program } from "./compare.ts";
import { installed } from "./installed.ts";
import { peakMemory } from "./peak-memory.ts";
import type { Report } from "./report.ts";

/** What somebody with kubectl alone would write, without a look-up of the object. */
const eventYaml = `apiVersion: v1
kind: Event
metadata: {generateName: ui-server., namespace: prod}
involvedObject: {apiVersion: apps/v1, kind: Deployment, name: ui-server, namespace: prod}
reason: Approval
message: Manually tested and approved
type: Normal
source: {component: ci-approver}
firstTimestamp: "2026-11-23T09:00:00Z"
lastTimestamp: "2026-11-23T09:00:00Z"
count: 1
`;

/** One event: start-up, and what it costs to write it. */
export async function benchEmit(controlPlane: ControlPlane, report: Report): Promise<void> {
  const { kev, kubectl, node20, node24 } = await installed(controlPlane);
  const { dir } = controlPlane;
  await controlPlane.kubectl("create", "namespace", "prod");
  await controlPlane.kubectl("create", "deployment", "ui-server", "--image=nginx:1.27", "-n", "prod");
  const eventFile = join(dir, "event.yaml");
  await writeFile(eventFile, eventYaml);
  const emptyScript = join(dir, "empty.mjs");
  await writeFile(emptyScript, "");

  const reference = kubectl("create", "-f", eventFile);
  for (const [node, target] of [
    [node24, "≤ 1.2"],
    [node20, "≤ 1.8"],
  ] as const) {
    report.progress(`kev emit on ${node.name}…`);
    const subject = kev(node, "emit", "approve", "ui-server", "-n", "prod");
    const what = `kev emit approve ui-server, ${node.name} / kubectl create -f event.yaml`;
    await report.compare({ what, subject, reference, target });
    const peak = await peakMemory(subject);
    report.add({ what: `peak memory of it, ${node.name}`, median: `${peak.toFixed(0)} MiB`, target: "≤ 90 MiB" });
  }
  report.progress("kev --version…");
  const version = kev(node24, "--version");
  const empty: Program = { ...version, args: [emptyScript] };
  const what = "kev --version, Node 24 / an empty script";
  await report.compare({ what, subject: version, reference: empty, target: "≤ 1.5" });
}
