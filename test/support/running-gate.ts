import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readAuthority } from "../control-plane/cluster-access.ts";
import { issueServerCertificate } from "./certificates.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Kev } from "./packed-cli.ts";
import type { RunningCommand } from "./run-command.ts";
import { until } from "./until.ts";

/** A `kev gate serve` that runs beside a control plane. */
export interface RunningGate {
  readonly url: string;
  readonly process: RunningCommand;
}

/** Writes a certificate for `host` that the control plane's authority has signed; returns the flags that name it. */
export async function gateCertificate({ dir }: Pick<ControlPlane, "dir">, host = "localhost"): Promise<string[]> {
  const { certificate, key } = await issueServerCertificate(await readAuthority(dir), [host]);
  const files = { cert: join(dir, "gate.pem"), key: join(dir, "gate-key.pem") };
  await writeFile(files.cert, certificate);
  await writeFile(files.key, key, { mode: 0o600 });
  return ["--tls-cert-file", files.cert, "--tls-private-key-file", files.key];
}

/** Starts a gate; resolves when it listens. The test that starts it must end it. */
export async function startGate(kev: Kev, flags: readonly string[]): Promise<RunningGate> {
  const process = kev.start({}, "gate", "serve", "--address", "127.0.0.1", ...flags);
  const failed = process.ended.then(({ stderr }) => Promise.reject(new Error(`The gate ended: ${stderr}`)));
  failed.catch(() => undefined);
  const port = (): string | undefined => /"listening" port=(\d+)/.exec(process.output.stderr)?.[1];
  await Promise.race([until(() => port() !== undefined), failed]);
  return { url: `https://localhost:${port()}/`, process };
}
