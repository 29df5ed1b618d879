import type { KubeObject } from "../events/event.ts";
import type { Clock } from "../util/clock.ts";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import { objectPath } from "./object-path.ts";
import { builtInType } from "./resource-table.ts";
import { UnreachableError } from "./unreachable-error.ts";

/** What a coordination.k8s.io/v1 Lease says of its holder; other members are kept as they are. */
export interface LeaseSpec {
  /** Undefined or empty: nobody. */
  holderIdentity?: string | undefined;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  /** How often the holder has changed. */
  leaseTransitions?: number;
  [field: string]: unknown;
}

export interface Lease extends KubeObject {
  spec: LeaseSpec;
}

export interface LeaseRequestsOptions {
  readonly name: string;
  readonly namespace: string;
  readonly clock: Clock;
  /** Milliseconds for one request. */
  readonly timeout: number;
}

/** Reads and writes one Lease. Each request has a time-out, and fails with what `Connection` says. */
export interface LeaseRequests {
  /** Undefined: there is none. */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  create(spec: LeaseSpec, signal: AbortSignal): Promise<Lease>;
  /** Fails with a conflict when the Lease is not any more what `lease` says. */
  update(lease: Lease, spec: LeaseSpec, signal: AbortSignal): Promise<Lease>;
}

const type = builtInType("coordination.k8s.io", "leases");

export function leaseRequests(connection: Connection, options: LeaseRequestsOptions): LeaseRequests {
  const { name, namespace, clock, timeout } = options;
  const path = objectPath(type, namespace, name);

  async function send(request: { method?: "POST" | "PUT"; path: string; body?: object }, signal: AbortSignal) {
    const limit = new AbortController();
    const answered = new AbortController();
    clock.sleep(timeout, answered.signal).then(
      () => limit.abort(new UnreachableError("timeout", `the API server has not answered for ${timeout / 1_000}s`)),
      () => undefined,
    );
    try {
      const lease = await connection.request<Lease>({ ...request, signal: AbortSignal.any([signal, limit.signal]) });
      return { ...lease, spec: lease.spec ?? {} };
    } finally {
      answered.abort();
    }
  }

  return {
    read: async (signal) => {
      try {
        return await send({ path }, signal);
      } catch (error) {
        if (error instanceof ApiError && error.httpStatus === 404) return undefined;
        throw error;
      }
    },
    create: (spec, signal) => {
      const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace }, spec };
      return send({ method: "POST", path: objectPath(type, namespace), body }, signal);
    },
    update: (lease, spec, signal) => {
      return send({ method: "PUT", path, body: { ...lease, spec: { ...lease.spec, ...spec } } }, signal);
    },
  };
}

/** Whether the Lease was written by somebody else in between: it is to be read again. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 409;
}

/** The API's MicroTime. */
export function microTime(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}
