import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Command } from "commander";
import { parseAllDocuments } from "yaml";
import { addGlobalFlags } from "../../src/cli/global-flags.ts";
import { runRouteManifests } from "../../src/cli/run-route-manifests.ts";
import { type RouteManifestsCommandOptions, routeManifestsCommand } from "../../src/commands/route-manifests.ts";
import type { KubeObject } from "../../src/events/event.ts";
import { alertRulesYaml } from "../../src/route/metrics/alert-rules.ts";
import { routeDashboard } from "../../src/route/metrics/route-dashboard.ts";
import { type FakeContext, fakeContext, stdinOf } from "../support/fake-context.ts";
import { golden } from "../support/golden.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-route-manifests-"));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write(
    "routes.yaml",
    "routes:\n- match: { type: Warning }\n  sinks: [chat]\nsinks:\n  chat: { type: webhook, url: { fromEnv: CHAT_URL } }\n",
  );
  await write("labels.yaml", "routes:\n- match: { labels.app: ui }\n  sinks: [out]\nsinks:\n  out: { type: stdout }\n");
  await write(
    "files.yaml",
    "routes: [{ sinks: [chat] }]\nsinks:\n  chat: { type: webhook, url: { fromFile: /run/url } }\n",
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function parse(argv: readonly string[]): Promise<RouteManifestsCommandOptions> {
  return new Promise((resolve, reject) => {
    const program = new Command("kev");
    addGlobalFlags(program);
    const route = program.command("route");
    routeManifestsCommand(route, { run: async (_name, options) => resolve(options as RouteManifestsCommandOptions) });
    program.parseAsync(["route", "manifests", ...argv], { from: "user" }).catch(reject);
  });
}

async function run(...argv: string[]): Promise<FakeContext> {
  const context = fakeContext({ cwd: folder });
  expect(await runRouteManifests(await parse(argv), context)).toBe(0);
  return context;
}

const image = ["--image", "kev:1"];
const kindsOf = (text: string): string[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as KubeObject)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);

describe("what is printed", () => {
  test("a router with a routing file", async () => {
    const { stdout, stderr } = await run(...image, "-f", "routes.yaml", "--env-from-secret", "chat");
    expect(stdout.text).toBe(golden("route-manifests.yaml", stdout.text));
    expect(stderr.text).toBe("note: the Secret chat must have CHAT_URL\n");
  });

  test("the same of standard input", async () => {
    const text = await readFile(join(folder, "routes.yaml"), "utf8");
    const stdin = stdinOf(text);
    const context = { ...fakeContext(), stdin };
    await runRouteManifests(await parse([...image, "-f", "-", "--env-from-secret", "chat"]), context);
    expect(context.stdout.text).toBe(golden("route-manifests.yaml", context.stdout.text));
  });

  test("every knob is where it belongs", async () => {
    const { stdout, stderr } = await run(
      ...image,
      ..."--name router -n infra --create-namespace --events-namespace prod --replicas 2".split(" "),
      ..."--state postgres://kev@db:5432/kev --from-now --event-ttl 3h --port 8080".split(" "),
      ..."--compat eventrouter --object-metrics --service-monitor --prometheus-rule --dashboard-config-map".split(" "),
      ..."--image-pull-policy Always --image-pull-secret s --cpu-request 1 --memory-request 1Gi".split(" "),
      ..."--memory-limit 2Gi --node-selector os=linux --priority-class high".split(" "),
      ..."-f labels.yaml --object-resources pods,deployments.apps".split(" "),
    );
    for (const part of [
      "        - --namespace=prod\n",
      "        - --state=postgres://kev@db:5432/kev\n",
      "        - --listen=:8080\n",
      "        - --event-ttl=3h\n",
      "        - --compat=eventrouter\n",
      "        - --from-now\n",
      "        - --object-metrics\n",
      "        - --leader-elect\n",
      "  replicas: 2\n",
      "        imagePullPolicy: Always\n",
      "      imagePullSecrets:\n      - name: s\n",
      "            memory: 2Gi\n",
      "      nodeSelector:\n        os: linux\n",
      "      priorityClassName: high\n",
      "  - deployments\n",
      "kind: ServiceMonitor\n",
      "kind: PrometheusRule\n",
      '    grafana_dashboard: "1"\n',
    ]) {
      expect(stdout.text).toContain(part);
    }
    expect(kindsOf(stdout.text)[0]).toBe("Namespace infra");
    expect(stderr.text).toBe("");
  });

  test("the dashboard and the rules as files", async () => {
    expect(JSON.parse((await run("--dashboard")).stdout.text)).toEqual(routeDashboard());
    expect((await run("--alerts")).stdout.text).toBe(alertRulesYaml());
  });

  test("names of all that may have been installed, the last first", async () => {
    const { stdout, stderr } = await run("--uninstall", "--service-monitor");
    expect(kindsOf(stdout.text)).toEqual([
      "ConfigMap kev-route-dashboard",
      "ServiceMonitor kev-route",
      "StatefulSet kev-route",
      "PodDisruptionBudget kev-route",
      "Service kev-route",
      "ConfigMap kev-route",
      "RoleBinding kev-route-lease",
      "Role kev-route-lease",
      "ClusterRoleBinding kev-route",
      "ClusterRole kev-route",
      "ServiceAccount kev-route",
      "Namespace kev-route",
    ]);
    expect(stdout.text).not.toContain("spec");
    expect(stderr.text).toBe("");
  });
});

describe("remarks", () => {
  test.each([
    [["-f", "routes.yaml"], "Warning: the routing file needs CHAT_URL: name the Secret by --env-from-secret\n"],
    [["-f", "files.yaml"], "Warning: the routing file reads /run/url, which the Pods do not have: mount it\n"],
    [
      ["--replicas", "2"],
      "note: each replica has a state of its own: one that takes over sends again what the server still has, with the same ids; with --state postgres://… they share it\n",
    ],
    [["--replicas", "2", "--state", "postgres://db/kev"], ""],
  ])("%j", async (argv, remark) => {
    expect((await run(...image, ...argv)).stderr.text).toBe(remark);
  });
});

describe("wrong usage", () => {
  test.each([
    [[], 'required flag(s) "image" not set'],
    [["--dashboard", "--alerts"], "--dashboard prints one file and nothing else"],
    [["--alerts", ...image], "--alerts prints one file and nothing else"],
    [[...image, "-f", "gone.yaml"], "open gone.yaml: no such file or directory"],
    [[...image, "--replicas", "0"], 'invalid argument "0" for "--replicas" flag: it is a number from 1 on'],
    [[...image, "--port", "0"], 'invalid argument "0" for "--port" flag: it is a number from 1 on'],
    [[...image, "--name", "Kev"], /^invalid argument "Kev" for "--name" flag/],
    [[...image, "--name", "a".repeat(53)], /flag: it is a name of at most 52 of a-z, 0-9 and "-", from a letter on$/],
    [[...image, "--event-ttl", "0s"], /^invalid argument "0s" for "--event-ttl" flag: it is how long events live$/],
    [[...image, "--events-namespace", "a b"], /^invalid argument "a b" for "--events-namespace" flag/],
    [[...image, "--event-ttl", "1"], 'invalid argument "1" for "--event-ttl" flag: it is a duration, like 5s'],
    [[...image, "--compat", "falco"], /^invalid argument "falco" for "--compat" flag/],
    [[...image, "--state", "/data/state.db"], 'invalid argument for "--state" flag: it is postgres://… or none'],
    [[...image, "--state", "postgres://a:secret@db/kev"], "the password of --state would stand in the manifests"],
    [[...image, "--state", "postgres://a@db/kev?password=b"], "the password of --state would stand in the manifests"],
    [
      [...image, "--state", "none", "--storage", "1Gi"],
      "--storage and --storage-class are of the volume, which there is none of with --state",
    ],
    [
      [...image, "-f", "routes.yaml", "--object-resources", "pods"],
      "--object-resources is for routing files that ask for labels, annotations or owners of objects",
    ],
    [
      [...image, "-f", "labels.yaml", "--object-resources", "Pods"],
      /^invalid argument "Pods" for "--object-resources"/,
    ],
  ])("%j", async (argv, message) => {
    const context = fakeContext({ cwd: folder });
    const failed = runRouteManifests(await parse(argv), context);
    await expect(failed).rejects.toMatchObject({ exitCode: 2 });
    await expect(failed).rejects.toThrow(message);
    expect(context.stdout.text).toBe("");
  });

  test("a flag of kev route that its Pods would not get is refused", async () => {
    const options = { ...(await parse(image)), listen: ":1" };
    await expect(runRouteManifests(options, fakeContext())).rejects.toThrow("--listen is a flag of kev route");
  });
});
