import { describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { runTrackManifests } from "../../src/cli/run-track-manifests.ts";
import type { TrackManifestsCommandOptions } from "../../src/commands/track-manifests.ts";
import type { KubeObject } from "../../src/events/event.ts";
import { fakeContext } from "../support/fake-context.ts";
import { golden } from "../support/golden.ts";
import { parseArgv } from "../support/parse-argv.ts";

async function run(line: string): Promise<{ text: string; remarks: string; objects: KubeObject[] }> {
  const context = fakeContext();
  const { command, options } = await parseArgv(["track", "manifests", ...line.split(" ")]);
  expect(command).toBe("track manifests");
  expect(await runTrackManifests(options as TrackManifestsCommandOptions, context)).toBe(0);
  const text = context.stdout.text;
  return {
    text,
    remarks: context.stderr.text,
    objects: parseAllDocuments(text).map((document) => document.toJS() as KubeObject),
  };
}
const namesOf = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata: { name, namespace } }) => [kind, namespace ?? [], name].flat().join(" "));
const rulesOf = (objects: readonly KubeObject[]) =>
  objects
    .filter(({ kind }) => kind === "Role" || kind === "ClusterRole")
    .map(({ kind, metadata, rules }) => [kind, metadata.namespace, rules]);

describe("what is printed", () => {
  test("a tracker of all namespaces", async () => {
    const { text, remarks } = await run("deploy configmaps,secrets --image kev:1");
    expect(text).toBe(golden("track-manifests.yaml", text));
    expect(remarks).toBe("");
  });

  test("a tracker of one namespace may read its objects there only, and write events where those stand", async () => {
    const { objects } = await run("deploy nodes --image kev:1 -n infra --objects-namespace prod");
    const events = { apiGroups: [""], resources: ["events"], verbs: ["create"] };
    const identity = { apiGroups: [""], resources: ["namespaces"], resourceNames: ["kube-system"], verbs: ["get"] };
    expect(rulesOf(objects)).toEqual([
      ["ClusterRole", undefined, [{ apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"] }, identity]],
      ["Role", "prod", [{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "watch"] }, events]],
      ["Role", "default", [events]],
    ]);
    expect(namesOf(objects)).not.toContain("Namespace infra");
  });

  test("every flag is handed on", async () => {
    const { objects, remarks } = await run(
      "deploy certificates.cert-manager.io --image kev:1 --objects-namespace prod -l app=ui --what changed --only spec " +
        "--ignore spec.a --ignore spec.b --ignore-manager hpa --show-value data --status --debounce 5s --state none --port 8080 --name t",
    );
    const set = objects.find(({ kind }) => kind === "StatefulSet")?.spec as {
      template: { spec: { containers: { args: string[] }[] } };
      volumeClaimTemplates?: unknown;
    };
    expect(set.template.spec.containers[0]?.args).toEqual([
      ..."track deployments.apps certificates.cert-manager.io --namespace=prod --state=none --listen=:8080 --selector=app=ui".split(
        " ",
      ),
      ..."--what=changed --only=spec --ignore=spec.a --ignore=spec.b --ignore-manager=hpa --show-value=data --debounce=5s".split(
        " ",
      ),
      "--status",
    ]);
    expect(set.volumeClaimTemplates).toBeUndefined();
    expect(remarks).toBe("note: certificates.cert-manager.io: taken for types whose objects have a namespace\n");
  });

  test("what is taken away, the last first", async () => {
    expect(namesOf((await run("deploy --uninstall")).objects)).toEqual([
      "StatefulSet kev-track kev-track",
      "Service kev-track kev-track",
      "ClusterRoleBinding kev-track",
      "ClusterRole kev-track",
      "ServiceAccount kev-track kev-track",
      "Namespace kev-track",
    ]);
  });
});

describe("what is refused", () => {
  test.each([
    ["", "no TYPE is given"],
    ["events", "events are not tracked: each that kev writes would be a change of its own"],
    ["widgets", '"widgets" is no type of Kubernetes itself'],
    ["deploy --state s.db", 'invalid argument for "--state" flag: it is none'],
    [
      "deploy --state none --storage 1Gi",
      "--storage and --storage-class are of the volume, which there is none of with --state",
    ],
    ["deploy --what all", 'invalid argument "all" for "--what" flag: it is created, changed or deleted'],
  ])("%s", async (line, message) => {
    const { options } = await parseArgv(["track", "manifests", ...line.split(" ").filter(Boolean), "--image", "kev:1"]);
    await expect(runTrackManifests(options as TrackManifestsCommandOptions, fakeContext())).rejects.toMatchObject({
      kind: "usage",
      message,
    });
  });
});
