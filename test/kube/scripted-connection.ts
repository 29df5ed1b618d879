import { ApiError, type Status } from "../../src/kube/api-error.ts";
import type { StreamingConnection } from "../../src/kube/connect.ts";
import type { ApiRequest } from "../../src/kube/connection.ts";

/** Answers to `GET /path?query`, in the order in which they are given out; a function makes the answer, or throws it. */
export type Script = Readonly<Record<string, unknown[]>>;

export interface ScriptedConnection extends StreamingConnection {
  /** The requests so far, `GET /path?query`, with ` (metadata)` where only metadata was asked for. */
  readonly asked: string[];
  /** The requests themselves. */
  readonly requests: ApiRequest[];
  /** Answers that nobody asked for. */
  unused(): string[];
}

/** A connection that answers by a script and fails at any request that is not in it, or no longer. */
export function scriptedConnection(script: Script): ScriptedConnection {
  const left = new Map(Object.entries(script).map(([line, answers]) => [line, [...answers]]));
  const asked: string[] = [];
  const requests: ApiRequest[] = [];
  return {
    server: "https://kube.test:6443",
    namespace: "default",
    namespaceEnforced: false,
    asked,
    requests,
    request: async <T>(request: ApiRequest): Promise<T> => {
      request.signal?.throwIfAborted();
      const line = lineOf(request);
      asked.push(request.accept?.includes("as=PartialObjectMetadata") ? `${line} (metadata)` : line);
      requests.push(request);
      const answers = left.get(line) ?? [];
      if (answers.length === 0) throw new Error(`Unexpected request: ${line}`);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer as T;
    },
    send: () => Promise.reject(new Error("Unexpected use of send")),
    coreV1: () => Promise.reject(new Error("Unexpected use of coreV1")),
    close: () => undefined,
    unused: () => [...left].flatMap(([line, answers]) => answers.map(() => line)),
  };
}

/** The server's 404 for an object that is not there. */
export function notFound(resource: string, group: string, name: string): ApiError {
  const qualified = group === "" ? resource : `${resource}.${group}`;
  return statusError(404, {
    kind: "Status",
    status: "Failure",
    message: `${qualified} "${name}" not found`,
    reason: "NotFound",
    details: { name, group, kind: resource },
    code: 404,
  });
}

/** The server's answer to a path that it does not serve. */
export function pageNotFound(): ApiError {
  return new ApiError({ httpStatus: 404, request: "GET /some/path", bodyText: "404 page not found\n" });
}

export function statusError(httpStatus: number, status: Status): ApiError {
  return new ApiError({ httpStatus, status, request: "GET /some/path" });
}

function lineOf({ method = "GET", path, query = {} }: ApiRequest): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${method} ${path}${given.length > 0 ? `?${new URLSearchParams(given)}` : ""}`;
}
