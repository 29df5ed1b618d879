import { describe, expect, test } from "@jest/globals";
import { parseOutputFormat } from "../../src/cli/output-format.ts";

describe("parseOutputFormat", () => {
  test.each([
    ["", undefined],
    ["name", { kind: "name" }],
    ["JSON", { kind: "json" }],
    ["yaml", { kind: "yaml" }],
    ["jsonpath={.a=b}", { kind: "jsonpath", template: "{.a=b}" }],
    ["jsonpath={.a}\n{.b}", { kind: "jsonpath", template: "{.a}\n{.b}" }],
    ["jsonpath-as-json={.a}", { kind: "jsonpath-as-json", template: "{.a}" }],
    ["jsonpath-file=t.txt", { kind: "jsonpath-file", file: "t.txt" }],
  ])("%j", (value, format) => {
    expect(parseOutputFormat(value)).toEqual(format);
  });

  test.each(["jsonpath", "jsonpath=", "jsonpath-file=", "jsonpath-as-json"])("%s lacks its template", (value) => {
    expect(() => parseOutputFormat(value)).toThrow(
      expect.objectContaining({ kind: "usage", message: "template format specified but no template given" }),
    );
  });

  test.each([
    ["yml", "did you mean -o yaml?"],
    ["jsonpth={.a}", "did you mean -o jsonpath?"],
    ["kyaml", "use -o yaml"],
    ["go-template={{.a}}", "use -o jsonpath=TEMPLATE"],
    ["wide", undefined],
  ])("%s is unknown", (value, hint) => {
    const message = `unable to match a printer suitable for the output format "${value}", allowed formats are: json,jsonpath,jsonpath-as-json,jsonpath-file,name,yaml`;
    expect(() => parseOutputFormat(value)).toThrow(expect.objectContaining({ kind: "usage", message, hint }));
  });
});
