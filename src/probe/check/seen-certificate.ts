import type { TLSSocket } from "node:tls";
import type { SeenCertificate } from "../target.ts";

/** The certificate that the other side has shown; undefined where there is none, or its end cannot be read. */
export function certificateOf(socket: TLSSocket): SeenCertificate | undefined {
  const { valid_to: end = "", fingerprint256: fingerprint = "" } = socket.getPeerCertificate() ?? {};
  const expiresAt = new Date(end);
  return Number.isNaN(expiresAt.getTime()) ? undefined : { expiresAt, fingerprint };
}
