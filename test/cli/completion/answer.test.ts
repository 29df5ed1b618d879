import { describe, expect, test } from "@jest/globals";
import { Command } from "commander";
import { answer } from "../../../src/cli/completion/answer.ts";
import type { ClusterSource } from "../../../src/cli/completion/cluster-source.ts";
import { readCommandLine } from "../../../src/cli/completion/read-command-line.ts";
import { chosen } from "../../../src/cli/completion/reply.ts";
import type { Sources } from "../../../src/cli/completion/sources.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { mergePresets } from "../../../src/events/presets.ts";
import { matchType } from "../../../src/kube/match-type.ts";
import { builtInType } from "../../../src/kube/resource-table.ts";
import type { ResourceType } from "../../../src/kube/resource-type.ts";
import { shellWords } from "../../support/shell-words.ts";

const widget: ResourceType = {
  ...{ group: "example.com", version: "v1", kind: "Widget", plural: "widgets", singular: "widget" },
  ...{ shortNames: ["wd"], namespaced: true },
};
const types = [
  ...[builtInType("", "pods"), builtInType("", "events"), builtInType("events.k8s.io", "events")],
  ...[builtInType("apps", "deployments"), builtInType("apps", "statefulsets"), widget],
];
const names: Readonly<Record<string, string[]>> = {
  Pod: ["ui-1", "ui-2"],
  Deployment: ["db", "ui-client", "ui-server"],
  StatefulSet: ["db"],
  Widget: ["gear"],
};
const ownPreset = { name: "db-restored", reason: "DatabaseRestored", type: "Warning", kind: "StatefulSet" } as const;

const cluster: ClusterSource = {
  types: async () => types,
  type: async (word) => matchType(types, word),
  names: async ({ kind }) => names[kind] ?? [],
  namespaces: async () => ["default", "prod"],
  reasons: async () => ["BackOff", "Approval", "Pulled"],
  containers: async (pod) => [`${pod}-main`, "sidecar"],
  close: () => undefined,
};
const sources: Sources = {
  presets: async () => mergePresets([{ ...ownPreset, description: "", source: "kev.yaml:2" }]),
  kubeconfig: async () => ({
    contexts: [{ name: "prod", cluster: "east" }],
    clusters: ["east"],
    users: ["admin"],
  }),
  cluster: async () => cluster,
  sinks: async () => [
    { type: "loki", summary: "to Loki" },
    { type: "kafka", summary: "to Kafka" },
  ],
  close: () => undefined,
};

async function replyTo(line: string) {
  // A blank at the end begins a new word.
  const words = [...shellWords(line.trim()).slice(1), ...(line.endsWith(" ") ? [""] : [])];
  const read = readCommandLine(createProgram({ run: async () => undefined }), words);
  const { candidates, otherwise } = await answer(read, sources);
  return { candidates: chosen(candidates, read.typed), otherwise };
}

async function valuesFor(line: string): Promise<string> {
  const { candidates, otherwise } = await replyTo(line);
  return candidates.length > 0 ? candidates.map(({ value }) => value).join(" ") : `(${otherwise})`;
}

describe("what completes", () => {
  test.each([
    // Commands.
    ["kev e", "emit events"],
    ["kev -n prod w", "wait"],
    ["kev route ch", "check"],
    ["kev gate ", "manifests serve status"],
    ["kev nosuch ", "(nothing)"],
    ["kev help e", "emit events exit-codes"],
    ["kev help gate ", "manifests serve status"],
    ["kev completion ", "bash fish zsh"],
    // Flags.
    ["kev emit --te", "(nothing)"],
    ["kev emit --t", "--tls-server-name --token --truncate --type"],
    ["kev emit --type Warning --t", "--tls-server-name --token --truncate"],
    ["kev emit --label a=b --lab", "--label"],
    ["kev emit --dry", "--dry-run="],
    ["kev events --no-headers --no-", "(nothing)"],
    ["kev gate manifests --create-namespace --no-", "--no-policy"],
    ["kev presets ", "--help --no-headers --output -h -o"],
    ["kev presets --he", "--help"],
    ["kev emit approve a -- --t", "(nothing)"],
    // Their values.
    ["kev --context ", "prod"],
    ["kev --cluster ", "east"],
    ["kev --user=", "admin"],
    ["kev -n ", "default prod"],
    ["kev -n=p", "prod"],
    ["kev events --namespace p", "prod"],
    ["kev route manifests --events-namespace d", "default"],
    ["kev emit --type ", "Normal Warning"],
    ["kev emit --type=W", "Warning"],
    ["kev events --types Normal,", "Normal,Warning"],
    ["kev emit --dry-run=", "client none server"],
    // It is no value of the flag.
    ["kev emit --dry-run ap", "approve"],
    ["kev --color a", "always auto"],
    ["kev emit -o ", "json jsonpath-as-json= jsonpath-file= jsonpath= name yaml"],
    ["kev presets -o ", "json name wide yaml"],
    ["kev version -o ", "json yaml"],
    ["kev wait -o j", "json jsonl jsonpath-as-json= jsonpath-file= jsonpath="],
    ["kev wait -o cus", "custom-columns-file= custom-columns="],
    ["kev wait --match ", "all any"],
    ["kev gate status --bind ", "name object release"],
    ["kev emit --kind stat", "statefulsets"],
    ["kev route manifests --object-resources pods,wi", "pods,widgets"],
    ["kev wait --for Ba", "BackOff"],
    ["kev wait --for IncidentS", "IncidentStarted"],
    ["kev events --reason BackOff,Pu", "BackOff,Pulled"],
    ["kev events --reason BackOff,Ba", "(nothing)"],
    ["kev events --reason '!BackOff,!Pu'", "!BackOff,!Pulled"],
    ["kev emit x --related pods/", "pods/ui-1 pods/ui-2"],
    ["kev emit x --related u", "(nothing)"],
    ["kev emit Checked pod/ui-1 -c ", "sidecar ui-1-main"],
    ["kev emit Checked pods ui-2 -c ", "sidecar ui-2-main"],
    ["kev emit Checked ui-server -c ", "(nothing)"],
    ["kev --kubeconfig ", "(files)"],
    ["kev emit approve -f ", "(files)"],
    ["kev emit approve --filename=", "(files)"],
    ["kev --cache-dir ", "(folders)"],
    ["kev --request-timeout ", "(nothing)"],
    ["kev emit -m ", "(nothing)"],
    ["kev emit -qm ", "(nothing)"],
    // What.
    ["kev emit ap", "approve"],
    ["kev emit db", "db-restored"],
    ["kev emit D", "DatabaseRestored Deployed"],
    ["kev emit --batch - ", "(nothing)"],
    // Objects.
    ["kev emit approve ", "db ui-client ui-server"],
    ["kev emit approve d", "db deployments/"],
    ["kev emit approve de", "deployments/"],
    ["kev emit approve sts", "sts/"],
    ["kev emit approve wd", "wd/"],
    ["kev emit approve ev", "events.events.k8s.io/ events/"],
    ["kev emit approve deploy/u", "deploy/ui-client deploy/ui-server"],
    ["kev emit approve deploy/db deploy/", "deploy/ui-client deploy/ui-server"],
    ["kev emit approve deploy/db s", "statefulsets/"],
    ["kev emit approve widget ", "gear"],
    ["kev emit approve deploy,sts d", "db"],
    ["kev emit approve ui-server ui", "ui-client"],
    ["kev emit db-restored ", "db"],
    ["kev emit --kind widget approve ", "gear"],
    ["kev emit approve nosuch/", "(nothing)"],
    ["kev emit approve -l app=ui de", "deployments"],
    ["kev emit approve --all pods ", "(nothing)"],
    ["kev emit approve -f a.yaml ", "(nothing)"],
    ["kev events ui-s", "ui-server"],
    ["kev events --for sts/", "sts/db"],
    ["kev wait pods ui-1 ", "ui-2"],
    // The others' operands.
    ["kev route sinks l", "loki"],
    ["kev route sinks loki ", "--help --output -h -o"],
    ["kev route convert ", "(files)"],
    ["kev route test -f a.yaml ", "(files)"],
  ])("%s → %s", async (line, expected) => {
    expect(await valuesFor(line)).toBe(expected);
  });

  test("comes with descriptions where there are any", async () => {
    expect(await replyTo("kev emit appr")).toEqual({
      candidates: [{ value: "approve", description: "this release may roll out" }],
      otherwise: "nothing",
    });
    expect((await replyTo("kev emit x wid")).candidates).toEqual([
      { value: "widgets/", description: "Widget of example.com" },
    ]);
    expect((await replyTo("kev --context ")).candidates).toEqual([{ value: "prod", description: "cluster east" }]);
  });
});

test("what a terminal cannot show is left out, and descriptions are escaped", () => {
  const candidates = [
    { value: "a\u001b[2J" },
    { value: "a\nb" },
    { value: "ab", description: "one\u001b[2J\n  two\t" },
    { value: "ab", description: "again" },
    { value: "" },
    { value: "b" },
  ];
  expect(chosen(candidates, "a")).toEqual([{ value: "ab", description: "one^[[2J two" }]);
});

test("a command completes by its declarations alone", async () => {
  const program = new Command("kev");
  const track = program
    .command("track")
    .helpCommand(false)
    .argument("[type...]")
    .option("--on <object>")
    .option("--cacert <file>");
  track.option("--objects-namespace <name>").option("-o, --output <format>", "name or yaml").option("--only <path>");
  track.command("manifests").summary("print what installs it");
  program.command("run").argument("<command...>");
  program.command("probe").argument("[url...]");
  const valuesOf = async (...words: string[]) => {
    const read = readCommandLine(program, words);
    const { candidates, otherwise } = await answer(read, sources);
    return (
      chosen(candidates, read.typed)
        .map(({ value }) => value)
        .join(" ") || `(${otherwise})`
    );
  };
  expect(await valuesOf("track", "")).toBe(
    "deployments events events.events.k8s.io manifests pods statefulsets widgets",
  );
  expect(await valuesOf("track", "pods", "deployments,p")).toBe("(nothing)");
  expect(await valuesOf("track", "pods", "deployments,w")).toBe("deployments,widgets");
  expect(await valuesOf("track", "--on", "sts/")).toBe("sts/db");
  expect(await valuesOf("track", "--cacert", "")).toBe("(files)");
  expect(await valuesOf("track", "--objects-namespace", "p")).toBe("prod");
  expect(await valuesOf("track", "-o", "")).toBe("name yaml");
  expect(await valuesOf("track", "--only", "")).toBe("(nothing)");
  expect(await valuesOf("run", "--", "./m")).toBe("(files)");
  expect(await valuesOf("probe", "")).toBe("(nothing)");
});
