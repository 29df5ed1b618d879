import { type FailureKind, KevError } from "../util/errors.ts";
import { forbiddenHint } from "./forbidden-hint.ts";

/** meta/v1 Status, the API's answer to a request it did not carry out. */
export interface Status {
  kind?: string;
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    retryAfterSeconds?: number;
    causes?: { reason?: string; message?: string; field?: string }[];
  };
}

export interface ApiErrorOptions {
  httpStatus: number;
  /** The parsed Status, or undefined where the answer was something else (a proxy's page). */
  status?: Status | undefined;
  /** Seconds from the Retry-After header. */
  retryAfter?: number | undefined;
  /** `POST /api/v1/namespaces/prod/events`; never holds a query. */
  request: string;
  /** First characters of a body that was no Status. */
  bodyText?: string | undefined;
}

/** The server answered, and the answer was no: any status outside 2xx. Its line is kubectl's. */
export class ApiError extends KevError {
  override readonly name = "ApiError";
  readonly httpStatus: number;
  readonly status: Status | undefined;
  readonly retryAfter: number | undefined;
  readonly request: string;

  constructor(options: ApiErrorOptions) {
    const { prefix, message } = describe(options);
    super(kindOf(options), message, { prefix, hint: hintOf(options) });
    this.httpStatus = options.httpStatus;
    this.status = options.status;
    this.retryAfter = options.retryAfter ?? options.status?.details?.retryAfterSeconds;
    this.request = options.request;
  }

  get reason(): string {
    return this.status?.reason ?? "";
  }
}

function isTerminating(status: Status | undefined): boolean {
  return status?.details?.causes?.some((cause) => cause.reason === "NamespaceTerminating") ?? false;
}

function hintOf({ httpStatus, status }: ApiErrorOptions): string | undefined {
  if (httpStatus === 401)
    return "log in again, or check the user of your kubeconfig's context: kubectl config view --minify";
  if (isTerminating(status)) return "the namespace is being deleted and takes no new objects";
  return httpStatus === 403 ? forbiddenHint(status?.message ?? "") : undefined;
}

function kindOf({ httpStatus, status }: ApiErrorOptions): FailureKind {
  if (httpStatus === 401 || httpStatus === 403) return "refused";
  if (httpStatus === 404) return "not-found";
  // Validation and admission webhooks may answer any 4xx; only these say that the request itself was refused by policy.
  if (/denied (the )?request/.test(status?.message ?? "")) return "refused";
  return "failed";
}

// kubectl's texts: k8s.io/kubectl/pkg/cmd/util/helpers.go, checkErr and StandardErrorMessage.
function describe({ httpStatus, status, request, bodyText }: ApiErrorOptions): { prefix: string; message: string } {
  if (httpStatus === 401) {
    return { prefix: "error: ", message: `You must be logged in to the server (${status?.message ?? "Unauthorized"})` };
  }
  if (status === undefined) {
    const body = bodyText?.trim().replace(/\s+/g, " ");
    return {
      prefix: "Error from server: ",
      message: `${request} answered HTTP ${httpStatus}${body ? `: ${body.slice(0, 200)}` : ""}`,
    };
  }
  if (status.reason === "Invalid" && status.details?.causes?.length)
    return { prefix: "", message: invalidText(status) };
  const message = status.message ?? `HTTP ${httpStatus}`;
  return { prefix: status.reason ? `Error from server (${status.reason}): ` : "Error from server: ", message };
}

function invalidText(status: Status): string {
  const { kind, name, causes = [] } = status.details ?? {};
  const head = `The ${kind ?? "object"} "${name ?? ""}" is invalid`;
  const lines = [...new Set(causes.map((cause) => `${cause.field ?? ""}: ${cause.message ?? ""}`))];
  return lines.length === 1 ? `${head}: ${lines[0]}` : `${head}:\n${lines.map((line) => `* ${line}`).join("\n")}`;
}
