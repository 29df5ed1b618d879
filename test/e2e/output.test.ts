import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();

describe.each(nodeVersions)("what kev prints, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  let stored: () => Promise<KubeEvent[]>;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("output");
    for (const name of ["m", "other"]) {
      await cluster.apply(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`, namespace);
    }
    stored = async () => {
      const { stdout } = await cluster.kubectl("get", "events", "-n", namespace, "-o", "json");
      return (JSON.parse(stdout) as { items: KubeEvent[] }).items;
    };
  });
  beforeEach(async () => {
    await cluster.kubectl("delete", "events", "--all", "-n", namespace);
  });

  const emit = (...args: string[]) => kev("emit", "Checked", "cm/m", "-n", namespace, ...args);

  test.each([
    { args: [], stdout: "event/m.ID created\n" },
    { args: ["-q"], stdout: "" },
    { args: ["-o", "name"], stdout: "event/m.ID\n" },
    { args: ["-o=jsonpath={.involvedObject.kind}/{.involvedObject.name} {.count}"], stdout: "ConfigMap/m 1" },
    { args: ["-o", "jsonpath-as-json={.reason}"], stdout: '[\n    "Checked"\n]\n' },
    { args: ["--color=always"], stdout: "event/m.ID created\n" },
  ])("$args: one event, said so", async ({ args, stdout }) => {
    expect(masked(await emit(...args))).toEqual({ code: 0, stdout, stderr: "" });
    expect((await stored()).map(({ reason }) => reason)).toEqual(["Checked"]);
  });

  test.each([
    { args: ["--dry-run=client"], stdout: "event/m.ID created (dry run)\n" },
    { args: ["--dry-run"], stdout: "event/m.ID created (dry run)\n" },
    { args: ["--dry-run=server"], stdout: "event/m.ID created (server dry run)\n" },
    { args: ["--dry-run=server", "--key=k"], stdout: "event/m.ID created (server dry run)\n" },
    { args: ["--dry-run=server", "-o", "name"], stdout: "event/m.ID\n" },
    { args: ["--dry-run=client", "-q"], stdout: "" },
  ])("$args: nothing is stored", async ({ args, stdout }) => {
    expect(masked(await emit(...args))).toEqual({ code: 0, stdout, stderr: "" });
    expect(await stored()).toEqual([]);
  });

  test("output that cannot be written is a failure, and stops no event", async () => {
    const line = `kev emit Checked cm/m cm/other -n ${namespace} >/dev/full`;
    expect(await kev.shell(line)).toMatchObject({
      code: 1,
      stderr: "error: cannot write output: ENOSPC: no space left on device, write\n",
    });
    expect((await stored()).map(({ involvedObject }) => involvedObject.name).sort()).toEqual(["m", "other"]);
    expect(await kev.shell("kev --version >/dev/full")).toMatchObject({
      code: 1,
      stderr: "error: cannot write output: ENOSPC: no space left on device, write\n",
    });
  });

  test("Ctrl-C ends it, also while it waits for a FIFO that nobody writes to", async () => {
    const { code, stderr } = await kev.shell(
      "mkfifo fifo; kev emit Checked -f fifo & pid=$!; sleep 1; kill -TERM $pid; wait $pid",
    );
    expect({ code, stderr }).toEqual({ code: 143, stderr: expect.stringContaining("interrupted") });
  });

  test("a folder that was deleted under the shell is no stack", async () => {
    const line = `mkdir gone && cd gone && rmdir ../gone && kev emit Checked cm/m -n ${namespace}`;
    expect(masked(await kev.shell(line))).toEqual({ code: 0, stdout: "event/m.ID created\n", stderr: "" });
  });

  test("--dry-run=server counts nothing up", async () => {
    await emit("--key", "k");

    expect(masked(await emit("--key", "k", "--dry-run=server"))).toEqual({
      code: 0,
      stdout: "event/m.ID counted up (x2) (server dry run)\n",
      stderr: "",
    });
    expect((await stored()).map(({ count }) => count)).toEqual([1]);
  });

  test("-o json is kubectl's, byte for byte", async () => {
    const { stdout } = await emit("-o", "json", "-m", 'a <b> & "c"\u2028é', "--annotation", "example.com/empty=");

    const [event] = await stored();
    const name = event?.metadata.name ?? "";
    expect(stdout).toBe((await cluster.kubectl("get", "event", name, "-n", namespace, "-o", "json")).stdout);
  });

  test("-o yaml of several objects is a document each, and kubectl reads them back", async () => {
    const result = await kev("emit", "Checked", "cm", "m", "other", "-n", namespace, "-o", "yaml", "--label", "on=yes");

    const kubectl = await cluster.kubectlWith({ stdin: result.stdout }, "get", "-f", "-", "-o", "json");
    const { items } = JSON.parse(kubectl.stdout) as { items: KubeEvent[] };
    expect(result.stdout.split("---\n")).toHaveLength(2);
    expect(items.map(({ involvedObject, metadata }) => [involvedObject.name, metadata.labels])).toEqual([
      ["m", { on: "yes" }],
      ["other", { on: "yes" }],
    ]);
  });

  test("everything that flags say of the event is in it", async () => {
    await emit(
      ...["-m", "Looks good", "--type", "Warning", "--component", "example.com/ci", "--instance", "runner-7"],
      ...["--action", "Check", "--at", "2026-02-28T10:00:00+02:00", "--reason", "LookedAt", "--field-manager", "robot"],
      ...["--annotation", "example.com/ticket=OPS=311", "--label", "team=web", "--label", "stage="],
    );

    const { stdout } = await cluster.kubectl("get", "events", "-n", namespace, "--show-managed-fields", "-o", "json");
    const [event] = (JSON.parse(stdout) as { items: KubeEvent[] }).items;
    const { metadata, involvedObject: _object, ...content } = event as KubeEvent;
    expect(content).toEqual({
      apiVersion: "v1",
      kind: "Event",
      reason: "LookedAt",
      message: "Looks good",
      type: "Warning",
      action: "Check",
      source: { component: "example.com/ci", host: "runner-7" },
      reportingComponent: "example.com/ci",
      reportingInstance: "runner-7",
      eventTime: null,
      firstTimestamp: "2026-02-28T08:00:00Z",
      lastTimestamp: "2026-02-28T08:00:00Z",
      count: 1,
    });
    expect(metadata.annotations).toEqual({ "example.com/ticket": "OPS=311" });
    expect(metadata.labels).toEqual({ team: "web", stage: "" });
    expect(metadata.managedFields).toMatchObject([{ manager: "robot" }]);
  });

  test("--truncate cuts a message to 1024 bytes, never inside a character", async () => {
    await emit("--truncate", "-m", "ü".repeat(600));

    // 510 two-byte letters are 1020 bytes, the ellipsis is three; another letter would be one byte too many.
    expect((await stored()).map(({ message }) => message)).toEqual([`${"ü".repeat(510)}…`]);
  });

  test.each([
    "emit Spelled cm/m -n=NS",
    "emit Spelled cm/m -nNS --insecure-skip-tls-verify=false",
    "--namespace NS emit Spelled cm/m",
    "--namespace=NS emit Spelled -- cm/m",
    "-n NS emit --quiet=false Spelled cm m",
  ])("flags where and as kubectl takes them: %s", async (line) => {
    const result = await kev(...line.replace("NS", namespace).split(" "));

    expect(masked(result)).toEqual({ code: 0, stdout: "event/m.ID created\n", stderr: "" });
  });

  test("--insecure-skip-tls-verify=true does not look at the certificate, and needs no CA", async () => {
    const token = await cluster.tokenFor("default", namespace);
    await cluster.kubectl(
      ...["create", "rolebinding", "edit", "--clusterrole=edit", `--serviceaccount=${namespace}:default`],
      ...["-n", namespace],
    );
    const args = ["-s", cluster.server, "--token", token, "--insecure-skip-tls-verify=true"];

    const result = await kev.with(
      { env: { KUBECONFIG: "/dev/null" } },
      "emit",
      "Spelled",
      "cm/m",
      "-n",
      namespace,
      ...args,
    );

    expect(masked(result)).toEqual({ code: 0, stdout: "event/m.ID created\n", stderr: "" });
  });

  test("-v=6 says each request on stderr, without credentials", async () => {
    const { stdout, stderr } = await emit("-v=6", "-q");

    const lines = stderr.replaceAll(/ in \d+ /g, " in N ").replaceAll(namespace, "NAMESPACE");
    expect(stdout).toBe("");
    expect(lines).toBe(
      "GET /api/v1/namespaces/NAMESPACE/configmaps/m 200 in N milliseconds\n" +
        "POST /api/v1/namespaces/NAMESPACE/events?fieldManager=kev&fieldValidation=Strict 201 in N milliseconds\n",
    );
  });

  describe("with a config file", () => {
    const config = `
presets:
  smoke-tested:
    reason: SmokeTested
    message: Smoke tests passed
    component: ci
    kind: cm
    labels: {team: web}
    description: the site answers
defaults:
  annotations: {example.com/run: "12"}
`;
    beforeAll(async () => {
      await writeFile(join(kev.folder, "own.yaml"), config);
    });

    test("presets of one's own work as kev's do", async () => {
      const result = await kev("emit", "smoke-tested", "m", "-n", namespace, "--config", "own.yaml");

      expect(masked(result)).toEqual({ code: 0, stdout: "event/m.ID created\n", stderr: "" });
      const [event] = await stored();
      expect({ ...event, metadata: [event?.metadata.labels, event?.metadata.annotations] }).toMatchObject({
        metadata: [{ team: "web" }, { "example.com/run": "12" }],
        reason: "SmokeTested",
        message: "Smoke tests passed",
        type: "Normal",
        source: { component: "ci", host: hostname() },
      });
    });

    test("kev presets says where each comes from", async () => {
      const { stdout } = await kev.with({ env: { KEV_CONFIG: "own.yaml" } }, "presets");

      expect(stdout).toBe(
        `NAME                REASON               TYPE      FROM         DESCRIPTION
approve             Approval             Normal    built-in     this release may roll out
reject              ApprovalRejected     Warning   built-in     this release may not roll out, until the author revokes it
revoke              ApprovalRevoked      Normal    built-in     takes back what its author said of this release
break-glass         BreakGlass           Warning   built-in     lets one release through without approval; needs -m
deployed            Deployed             Normal    built-in     a release is out
rolled-back         RolledBack           Warning   built-in     a release was taken back
tested              Tested               Normal    built-in     tests passed
test-failed         TestFailed           Warning   built-in     tests failed
maintenance-start   MaintenanceStarted   Normal    built-in     planned work has begun
maintenance-end     MaintenanceEnded     Normal    built-in     planned work is over
incident-start      IncidentStarted      Warning   built-in     something is wrong and somebody is on it
incident-end        IncidentEnded        Normal    built-in     it is over
smoke-tested        SmokeTested          Normal    own.yaml:3   the site answers
`,
      );
    });
  });

  test("kev version -o json: its own version and Node, and the server's", async () => {
    const { code, stdout, stderr } = await kev("version", "-o", "json");

    const { version } = (await import("../../package.json", { with: { type: "json" } })).default;
    const server = await cluster.kubectl("get", "--raw", "/version");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      clientVersion: {
        version,
        runtime: expect.stringMatching(`^node v${node.name.slice("Node ".length)}\\.`),
        platform: `${process.platform}/${process.arch}`,
      },
      serverVersion: JSON.parse(server.stdout),
    });
    expect(await kev("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("kev version says its own version also when no server answers, and then fails", async () => {
    const result = await kev("version", "-s", "https://127.0.0.1:1");

    expect({ ...result, stdout: result.stdout.replace(/\d+\.\d+\.\d+/, "VERSION") }).toEqual({
      code: 6,
      stdout: "Client Version: VERSION\n",
      stderr: "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
    });
  });

  test("kev help exit-codes", async () => {
    expect(await kev("help", "exit-codes")).toEqual({
      code: 0,
      stdout: `Exit codes:
  0          done
  1          failed, or some of several failed
  2          wrong usage or config
  3          the thing asked about is not so (wait timed out, release not approved)
  4          refused: not logged in (401), not allowed (403), denied by admission
  5          not found: object, resource type, namespace or context
  6          server unreachable: connection, TLS or time-out
  130, 143   interrupted: Ctrl-C, SIGTERM
  125        kev run only: kev failed itself, for whatever reason, and the command was not run
  126        kev run only: the command cannot be run
  127        kev run only: the command was not found
  any other  kev run only: the command's own; 128 and the number of the signal that ended it
`,
      stderr: "",
    });
  });
});
