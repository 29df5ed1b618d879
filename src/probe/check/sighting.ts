import { isIP } from "node:net";
import type { SeenCertificate } from "../target.ts";

/** What a good check has seen, and what of it is known when it fails. */
export interface Sighting {
  seen?: string;
  status?: number;
  certificate?: SeenCertificate | undefined;
  /** What has not come yet, for who runs out of time. */
  waitingFor?: string;
}

/** What a connection waits for at first. */
export function connecting(host: string): string {
  return isIP(host) ? connection : `the address of ${host}`;
}

/** What it waits for then. */
export const connection = "a connection";
