import { describe, expect, test } from "@jest/globals";
import { ApiError, type ApiErrorOptions } from "../../src/kube/api-error.ts";

const request = "POST /api/v1/namespaces/prod/events";

// Lines as kubectl prints them: k8s.io/kubectl/pkg/cmd/util/helpers.go.
describe("ApiError", () => {
  test.each<[string, Omit<ApiErrorOptions, "request">, string, string]>([
    [
      "404",
      { httpStatus: 404, status: { reason: "NotFound", message: 'deployments.apps "x" not found' } },
      "not-found",
      'Error from server (NotFound): deployments.apps "x" not found',
    ],
    [
      "401",
      { httpStatus: 401, status: { reason: "Unauthorized", message: "Unauthorized" } },
      "refused",
      "error: You must be logged in to the server (Unauthorized)",
    ],
    [
      "no reason",
      { httpStatus: 500, status: { message: "etcd is away" } },
      "failed",
      "Error from server: etcd is away",
    ],
    [
      "a webhook's refusal",
      { httpStatus: 400, status: { message: 'admission webhook "a" denied the request: no' } },
      "refused",
      'Error from server: admission webhook "a" denied the request: no',
    ],
    [
      "one invalid field",
      {
        httpStatus: 422,
        status: {
          reason: "Invalid",
          message: "…",
          details: {
            kind: "Event",
            name: "x.1",
            causes: [{ field: "involvedObject.namespace", message: "Invalid value" }],
          },
        },
      },
      "failed",
      'The Event "x.1" is invalid: involvedObject.namespace: Invalid value',
    ],
    [
      "several, each once",
      {
        httpStatus: 422,
        status: {
          reason: "Invalid",
          details: {
            kind: "Event",
            name: "x.1",
            causes: [
              { field: "a", message: "b" },
              { field: "c", message: "d" },
              { field: "a", message: "b" },
            ],
          },
        },
      },
      "failed",
      'The Event "x.1" is invalid:\n* a: b\n* c: d',
    ],
    [
      "a proxy's page",
      { httpStatus: 502, bodyText: "<html>Bad gateway</html>" },
      "failed",
      `Error from server: ${request} answered HTTP 502: <html>Bad gateway</html>`,
    ],
  ])("%s", (_what, options, kind, line) => {
    expect(new ApiError({ request, ...options })).toMatchObject({ kind, line });
  });

  test("a namespace that is being deleted", () => {
    const details = { causes: [{ reason: "NamespaceTerminating" }] };
    const error = new ApiError({ request, httpStatus: 403, status: { reason: "Forbidden", message: "no", details } });
    expect(error).toMatchObject({
      kind: "refused",
      hint: "the namespace is being deleted and takes no new objects",
    });
  });

  test("Retry-After is the header's, else the Status'", () => {
    const status = { details: { retryAfterSeconds: 3 } };
    expect(new ApiError({ request, httpStatus: 429, status }).retryAfter).toBe(3);
    expect(new ApiError({ request, httpStatus: 429, status, retryAfter: 5 }).retryAfter).toBe(5);
  });
});
