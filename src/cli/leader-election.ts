import type { RouteCommandOptions } from "../commands/route.ts";
import type { Connection } from "../kube/connection.ts";
import { type HoldLeaseOptions, holdLease } from "../kube/lease.ts";
import { createId } from "../util/create-id.ts";
import { usageError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import type { Context } from "./context.ts";
import type { Log } from "./log.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";
import { parseNames } from "./parse-names.ts";

/** Runs `lead` while a Lease is held, or at once where none is asked for. */
export type Election = (
  connection: Connection,
  signal: AbortSignal,
  lead: (signal: AbortSignal) => Promise<void>,
) => Promise<void>;

/** @throws usage error for flags that contradict each other */
export function leaderElection(options: RouteCommandOptions, { hostName, clock }: Context, log: Log): Election {
  const duration = (flag: string, text: string): number => parseDurationFlag(`leader-elect-${flag}`, text);
  const leaseDuration = duration("lease-duration", options.leaderElectLeaseDuration ?? "15s");
  const renewDeadline = duration("renew-deadline", options.leaderElectRenewDeadline ?? "10s");
  const retryPeriod = duration("retry-period", options.leaderElectRetryPeriod ?? "2s");
  if (leaseDuration <= renewDeadline || renewDeadline <= retryPeriod || retryPeriod <= 0 || leaseDuration % 1_000 > 0) {
    throw usageError(
      "--leader-elect-lease-duration, in whole seconds, must be longer than --leader-elect-renew-deadline, and that longer than --leader-elect-retry-period",
    );
  }
  const name = parseNames("leader-elect-resource-name", options.leaderElectResourceName) ?? "kev-route";
  const namespace = parseNames("leader-elect-resource-namespace", options.leaderElectResourceNamespace);
  if (!options.leaderElect) return async (_connection, signal, lead) => lead(signal);
  return async (connection, signal, lead) => {
    const lease: HoldLeaseOptions = {
      ...{ name, namespace: namespace ?? connection.namespace, leaseDuration, renewDeadline, retryPeriod },
      // A Pod that is started anew keeps its name.
      identity: `${hostName()}_${createId()}`,
      ...{ signal, clock },
      onWaiting: (holder) => log("info", "another replica leads", { holder }),
      onFailed: (error, retryIn) =>
        log("warn", "the Lease could not be read or written", {
          error: errorMessage(error),
          retryIn: `${(retryIn / 1_000).toFixed(1)}s`,
        }),
    };
    await holdLease(connection, lease, async (leadership) => {
      log("info", "this replica leads", { term: String(leadership.term) });
      await lead(leadership.signal);
    });
  };
}
