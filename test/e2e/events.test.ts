import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();

function event(name: string, fields: object): string {
  const involvedObject = { apiVersion: "apps/v1", kind: "Deployment", name: "ui", namespace: "NS" };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name },
    involvedObject,
    type: "Normal",
    ...fields,
  });
}

describe.each(nodeVersions)("kev events, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  const events = async (...args: string[]) => {
    const { code, stdout, stderr } = await kev("events", "-n", namespace, ...args);
    return { code, stdout: stdout.replaceAll(namespace, "NS"), stderr: stderr.replaceAll(namespace, "NS") };
  };
  const at = (time: string) => ({ firstTimestamp: `2026-11-23T${time}Z`, lastTimestamp: `2026-11-23T${time}Z` });

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("events");
    const source = { component: "ci-approver", host: "runner" };
    const texts = [
      event("c", { reason: "Approval", message: "Manually tested and approved", source, count: 1, ...at("10:02:00") }),
      event("a", { reason: "Failed", type: "Warning", message: "evil \u001b[31m\nline", count: 3, ...at("10:00:00") }),
      event("b", {
        reason: "Pulled",
        message: 'image "nginx" pulled',
        involvedObject: {
          apiVersion: "v1",
          kind: "Pod",
          name: "ui-1",
          namespace: "NS",
          fieldPath: "spec.containers{x}",
        },
        eventTime: "2026-11-23T10:01:00.000000Z",
        series: { count: 7, lastObservedTime: "2026-11-23T10:05:00.000000Z" },
        reportingComponent: "example.com/kubelet",
        reportingInstance: "n1",
        action: "Pulling",
      }),
    ];
    for (const text of texts) await cluster.apply(text.replaceAll("NS", namespace), namespace);
  });

  const columns = "custom-columns=N:.metadata.name,R:.reason";

  test("all of a namespace, the latest last, as nothing but text", async () => {
    expect(await events("--utc")).toEqual({
      code: 0,
      stderr: "",
      stdout: `LAST SEEN                                              TYPE      REASON     OBJECT          MESSAGE
2026-11-23T10:00:00Z (x3 since 2026-11-23T10:00:00Z)   Warning   Failed     Deployment/ui   evil ^[[31m\\nline
2026-11-23T10:02:00Z                                   Normal    Approval   Deployment/ui   Manually tested and approved
2026-11-23T10:05:00Z (x7 since 2026-11-23T10:01:00Z)   Normal    Pulled     Pod/ui-1        image "nginx" pulled
`,
    });
  });

  test.each([
    { args: ["deploy/ui"], names: ["a", "c"] },
    { args: ["--for", "deployment/ui"], names: ["a", "c"] },
    { args: ["ui"], names: ["a", "c"] },
    { args: ["pod", "ui-1"], names: ["b"] },
    { args: ["deploy/ui", "pod/ui-1"], names: ["a", "c", "b"] },
    { args: ["--types", "warning"], names: ["a"] },
    { args: ["--reason", "!Pulled"], names: ["a", "c"] },
    { args: ["--reason", "Pulled,Failed"], names: ["a", "b"] },
    { args: ["--component", "ci-approver"], names: ["c"] },
    { args: ["--grep", "(?i)IMAGE"], names: ["b"] },
    { args: ["--since", "2026-11-23T10:01:00Z"], names: ["c", "b"] },
    { args: ["--until", "2026-11-23T10:00:30Z"], names: ["a"] },
    { args: ["--chunk-size", "1"], names: ["a", "c", "b"] },
    { args: ["--sort-by", ".metadata.name"], names: ["a", "b", "c"] },
  ])("$args", async ({ args, names }) => {
    expect(await events(...args, "-o", "name")).toEqual({
      code: 0,
      stderr: "",
      stdout: names.map((name) => `event/${name}\n`).join(""),
    });
  });

  test("-o jsonl, json, custom-columns", async () => {
    const lines = (await events("-o", "jsonl")).stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject(
      ["a", "c", "b"].map((name) => ({ kind: "Event", metadata: { name } })),
    );
    expect(lines.join("")).not.toContain("managedFields");
    expect(JSON.parse((await events("-o", "json")).stdout)).toMatchObject({ kind: "List", items: [{}, {}, {}] });
    expect((await events("-o", columns, "--no-headers")).stdout).toBe("a     Failed\nc     Approval\nb     Pulled\n");
  });

  test("no event of an object that is there, and none of one that is not", async () => {
    await cluster.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: quiet}}", namespace);
    expect(await events("cm/quiet")).toEqual({ code: 0, stdout: "", stderr: "No events found in NS namespace.\n" });
    expect(await events("cm/quiett")).toEqual({
      code: 5,
      stdout: "",
      stderr: 'Error from server (NotFound): configmaps "quiett" not found\nhint: did you mean quiet?\n',
    });
  });

  test("one of several that is not there: the others are shown, and it is said", async () => {
    const { code, stdout, stderr } = await events("deploy/ui", "cm/quiett", "-o", "name");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "event/a\nevent/c\n" });
    expect(stderr).toMatch(/^Error from server \(NotFound\): configmaps "quiett" not found\n/);
    expect((await events("--for", "deploy/ui", "--for", "pod/ui-1", "-o", "name")).stdout).toBe(
      "event/a\nevent/c\nevent/b\n",
    );
  });

  test.each([
    { args: ["--types", "Odd"], stderr: "error: valid --types are Normal or Warning\n" },
    { args: ["--for", "ui"], stderr: "error: --for must be in resource/name form\n" },
    { args: ["--chunk-size", "x"], stderr: 'error: invalid argument "x" for "--chunk-size" flag: it is a number\n' },
  ])("$args is wrong usage", async ({ args, stderr }) => {
    expect(await events(...args)).toEqual({ code: 2, stdout: "", stderr });
  });
});
