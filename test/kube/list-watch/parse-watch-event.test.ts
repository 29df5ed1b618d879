import { describe, expect, test } from "@jest/globals";
import { parseWatchEvent } from "../../../src/kube/list-watch/parse-watch-event.ts";

const path = "/api/v1/events";
const object = { apiVersion: "v1", kind: "Event", metadata: { name: "a", resourceVersion: "7" } };
const parse = (value: unknown) => parseWatchEvent(`${JSON.stringify(value)}\n`, path);

test.each(["ADDED", "MODIFIED", "DELETED"])("%s brings its object", (type) => {
  expect(parse({ type, object })).toEqual({ type, object });
});

test("BOOKMARK brings a version and needs no name", () => {
  expect(parse({ type: "BOOKMARK", object: { metadata: { resourceVersion: "9" } } })).toEqual({
    type: "BOOKMARK",
    resourceVersion: "9",
  });
});

test("ERROR is the error that the same Status would be as an answer", () => {
  const status = {
    kind: "Status",
    status: "Failure",
    message: "too old resource version: 1 (9)",
    reason: "Expired",
    code: 410,
  };
  expect(parse({ type: "ERROR", object: status })).toMatchObject({
    type: "ERROR",
    error: {
      name: "ApiError",
      httpStatus: 410,
      request: "GET /api/v1/events",
      line: "Error from server (Expired): too old resource version: 1 (9)",
    },
  });
  expect(parse({ type: "ERROR", object: { message: "?" } })).toMatchObject({ error: { httpStatus: 500 } });
});

describe("is refused", () => {
  test.each([
    ["without JSON", "<html>\n", "without JSON: <html>"],
    ["an unknown type", '{"type":"MOVED","object":{}}\n', 'with what is no watch event: {"type":"MOVED","object":{}}'],
    ["no record", "[]\n", "with what is no watch event: []"],
    ["a change without an object", '{"type":"ADDED"}\n', 'with no object as ADDED: {"type":"ADDED"}'],
    [
      "an object without a version",
      '{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n',
      'with no object as ADDED: {"type":"ADDED","object":{"metadata":{"name":"a"}}}',
    ],
    ["a bookmark of nothing", '{"type":"BOOKMARK"}\n', `without a bookmark's version: {"type":"BOOKMARK"}`],
    ["an error that is none", '{"type":"ERROR"}\n', 'with an error that is no Status: {"type":"ERROR"}'],
  ])("%s", (_name, line, problem) => {
    expect(() => parseWatchEvent(line, path)).toThrow(`GET ${path} answered HTTP 200 ${problem}`);
  });

  test("a line cut short, as a cut connection", () => {
    expect(() => parseWatchEvent('{"type":"ADD', path)).toThrow("Unable to connect to the server: unexpected EOF");
  });
});
