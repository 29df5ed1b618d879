import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlPlane } from "../support/control-plane.ts";
import { policyHolds } from "../support/gated-cluster.ts";
import { gateCertificate } from "../support/running-gate.ts";
import { until } from "../support/until.ts";

/**
 * Starts `kev gate serve` beside the demo's control plane, in a process that outlives this one, and lets the API server ask
 * it. Resolves when decisions count; whoever starts it must end it.
 */
export async function startDemoGate(
  controlPlane: ControlPlane,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ pid: number }> {
  const flags = [...(await gateCertificate(controlPlane)), "--port", "0", "--address", "127.0.0.1"];
  const logFile = join(controlPlane.dir, "gate.log");
  const log = openSync(logFile, "a");
  const gate = spawn("kev", ["gate", "serve", ...flags], { env, stdio: ["ignore", log, log], detached: true });
  gate.unref();
  const failed = once(gate, "exit").then(() => Promise.reject(new Error(readFileSync(logFile, "utf8"))));
  failed.catch(() => undefined);
  const port = (): string | undefined => /"listening" port=(\d+)/.exec(readFileSync(logFile, "utf8"))?.[1];
  await Promise.race([until(() => port() !== undefined), failed]);
  const manifests = spawn(
    "sh",
    [
      "-c",
      `kev gate manifests --url https://localhost:${port()}/ --ca-bundle ${controlPlane.caFile} | kubectl apply -f -`,
    ],
    { env, stdio: "ignore" },
  );
  const [code] = (await once(manifests, "exit")) as [number];
  if (code !== 0) throw new Error(`The gate's manifests could not be applied (${code})`);
  await policyHolds();
  return { pid: gate.pid ?? 0 };
}
