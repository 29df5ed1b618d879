import { UnreachableError } from "../../kube/unreachable-error.ts";
import { SendError } from "../../sinks/send-error.ts";
import type { KevError } from "../../util/errors.ts";
import { errorCode } from "../../util/file-error.ts";
import { isRecord } from "../../util/is-record.ts";

/** Why a request failed, in as many words as fit a label: never what somebody else has written. */
export type FailureReason = "timeout" | "unreachable" | "throttled" | "refused" | "failed";

const unreachableCode = /^(ECONN|ENOTFOUND|EAI_|EPIPE|EHOST|ENET|UND_ERR_SOCKET)/;
const timeoutCode = /TIMEOUT|TIMEDOUT/;

export function failureReason(error: KevError): FailureReason {
  if (error instanceof SendError && error.retryAfter !== undefined) return "throttled";
  if (error instanceof UnreachableError) return error.reason === "timeout" ? "timeout" : "unreachable";
  // By shape: errors of Node's own may come from another realm. Who wraps errors deeper than that has made a circle.
  for (let cause: unknown = error, depth = 0; isRecord(cause) && depth < 8; cause = cause.cause, depth++) {
    const code = errorCode(cause);
    if (cause.name === "TimeoutError" || timeoutCode.test(code)) return "timeout";
    if (unreachableCode.test(code)) return "unreachable";
  }
  if (error.kind === "unreachable") return "unreachable";
  return error.kind === "refused" || (error instanceof SendError && !error.retriable) ? "refused" : "failed";
}
