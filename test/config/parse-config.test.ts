import { describe, expect, test } from "@jest/globals";
import { parseConfig } from "../../src/config/parse-config.ts";
import { KevError } from "../../src/util/errors.ts";

const options = { path: "kev.yaml", fixedPresets: ["approve", "break-glass"] };

function problems(text: string): string {
  try {
    parseConfig(text, options);
  } catch (error) {
    if (!(error instanceof KevError)) throw error;
    expect({ kind: error.kind, prefix: error.prefix }).toEqual({ kind: "usage", prefix: "" });
    return error.message;
  }
  return "no problems";
}

describe("parseConfig", () => {
  test("reads presets and defaults", () => {
    const text = `# ours
presets:
  smoke-tested:
    reason: SmokeTested
    type: Warning
    message: Smoke tests passed
    component: example.com/ci
    kind: cronjobs.batch
    action: Testing
    annotations: {example.com/run: "42"}
    labels:
      team: ui
    description: tests
  deployed: {reason: Shipped}
defaults:
  component: ci
  instance: build-1
  labels: {team: ui}
  annotations: {Example.com/Run: anything at all}
  retryTimeout: 1m30s
`;
    expect(parseConfig(text, options)).toEqual({
      path: "kev.yaml",
      presets: [
        {
          name: "smoke-tested",
          reason: "SmokeTested",
          type: "Warning",
          message: "Smoke tests passed",
          component: "example.com/ci",
          kind: "cronjobs.batch",
          action: "Testing",
          annotations: { "example.com/run": "42" },
          labels: { team: "ui" },
          description: "tests",
          source: "kev.yaml:3",
        },
        { name: "deployed", reason: "Shipped", source: "kev.yaml:14" },
      ],
      defaults: {
        component: "ci",
        instance: "build-1",
        labels: { team: "ui" },
        annotations: { "Example.com/Run": "anything at all" },
        retryTimeout: 90_000,
      },
    });
  });

  test.each(["", "# nothing\n", "---\n", "presets:\ndefaults:\n", "presets: {}\n", "{}"])("%j is empty", (text) => {
    expect(parseConfig(text, options)).toEqual({ path: "kev.yaml", presets: [], defaults: {} });
  });

  test("reads what kev run is told", () => {
    const text = `run:
  mask:
    - 'pin=(\\d+)'
    - hunter2
  tailLines: 3
`;
    expect(parseConfig(text, options).run).toEqual({
      mask: [
        { pattern: "pin=(\\d+)", source: "kev.yaml:3:7" },
        { pattern: "hunter2", source: "kev.yaml:4:7" },
      ],
      tailLines: 3,
    });
    expect(parseConfig("run: {mask: hunter2}", options).run).toEqual({
      mask: [{ pattern: "hunter2", source: "kev.yaml:1:13" }],
    });
    expect(problems("run: {mask: [1, ''], tailLines: -1, reason: X}")).toBe(
      `kev.yaml:1:14: mask must be a string, not a number: write "1"
kev.yaml:1:17: mask is empty
kev.yaml:1:33: tailLines must be a whole number from 0 on, not "-1"
kev.yaml:1:37: unknown key "reason" in run, allowed are mask, tailLines`,
    );
  });

  test("reads JSON too, and a retry timeout of 0", () => {
    expect(parseConfig('{"defaults": {"retryTimeout": 0}}', options).defaults).toEqual({ retryTimeout: 0 });
  });

  test("reports every problem at its place, in the order of the file", () => {
    const text = `preset: {}
presets:
  Approve: {reason: Ok}
  approve: {reason: Mine}
  none:
  tested:
    resaon: Tested
    type: warning
    message: [a]
    labels: {build: 42, "-": x, team: "not ok"}
    annotations: text
    whatever: 1
  shipped:
    reason: shipped-it
    message: ""
    component: "not ok"
    kind: "a b"
    action: true
    description: null
    reason: Shipped
  long: {reason: ${"A".repeat(129)}}
defaults:
  retryTimeout: 30
  instance: {}
  namespace: prod
`;
    expect(problems(text)).toBe(`kev.yaml:1:1: unknown key "preset" in the config file, did you mean "presets"?
kev.yaml:3:3: preset name "Approve" must be lower-case letters, digits and "-", beginning with a letter
kev.yaml:4:3: preset "approve" cannot be changed, the approval gate reads its reason; choose another name
kev.yaml:5:3: preset "none" has no reason
kev.yaml:6:3: preset "tested" has no reason
kev.yaml:7:5: unknown key "resaon" in preset "tested", did you mean "reason"?
kev.yaml:8:11: type "warning" is neither "Normal" nor "Warning", did you mean "Warning"?
kev.yaml:9:14: message must be a string, not a list
kev.yaml:10:21: labels: the value of "build" must be a string, not a number: write "42"
kev.yaml:10:25: label key "-" is not a qualified name
kev.yaml:10:33: label team has the value "not ok"; a label value has at most 63 letters, digits, '-', '_' or '.'
kev.yaml:11:18: annotations must be a map, not a string
kev.yaml:12:5: unknown key "whatever" in preset "tested", allowed are reason, type, message, component, kind, action, annotations, labels, description
kev.yaml:14:13: reason "shipped-it" is not UpperCamelCase, like "SmokeTested"
kev.yaml:15:14: message is empty
kev.yaml:16:16: component "not ok" is not a qualified name, like "ci-approver" or "example.com/ci"
kev.yaml:17:11: kind "a b" is not a resource type, like "Deployment" or "cronjobs.batch"
kev.yaml:18:13: action must be a string, not a boolean: write "true"
kev.yaml:19:18: description must be a string, not nothing
kev.yaml:20:5: duplicate key "reason", first on line 14
kev.yaml:21:18: reason is 129 bytes long, the limit is 128
kev.yaml:23:17: retryTimeout must be a duration like "30s" or "2m", not "30"
kev.yaml:24:13: instance must be a string, not a map
kev.yaml:25:3: unknown key "namespace" in defaults, allowed are component, instance, labels, annotations, retryTimeout`);
  });

  test.each([
    ["[]", "kev.yaml:1:1: the config file must be a map, not a list"],
    ["text", "kev.yaml:1:1: the config file must be a map, not a string"],
    ["presets: [a]", "kev.yaml:1:10: presets must be a map, not a list"],
    [
      "presets:\n  a: b",
      'kev.yaml:2:3: preset "a" has no reason\nkev.yaml:2:6: preset "a" must be a map, not a string',
    ],
    ["defaults:\n  retryTimeout: -1s", 'kev.yaml:2:17: retryTimeout must be a duration like "30s" or "2m", not "-1s"'],
    ["defaults: &a\n  labels: *a", "kev.yaml:2:11: aliases are not supported, write the value out"],
    [
      "defaults:\n  annotations: {kev.dev/approver: jane}\npresets:\n  a: {reason: A, labels: {kev.dev/x: y}}",
      'kev.yaml:2:17: annotations under kev.dev/ are kev\'s own, and "kev.dev/approver" is one\n' +
        'kev.yaml:4:27: labels under kev.dev/ are kev\'s own, and "kev.dev/x" is one',
    ],
    ["? [a]\n: b", "kev.yaml:1:3: a key must be a word"],
    ["a: 1\n---\nb: 2", "kev.yaml:2:1: only one YAML document may stand in a config file"],
    [
      "presets: {a: {reason: B}\n",
      "kev.yaml:2:1: Flow map in block collection must be sufficiently indented and end with a }",
    ],
    ["presets:\n\ta: b", "kev.yaml:2:1: Tabs are not allowed as indentation"],
  ])("%j", (text, message) => {
    expect(problems(text)).toBe(message);
  });
});
