import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { mapConcurrent } from "../../src/util/map-concurrent.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(120_000);

const cluster = sharedControlPlane();

describe.each(nodeVersions)("kev wait, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  const wait = async (...args: string[]) => {
    const { code, stdout, stderr } = await kev("wait", "-n", namespace, ...args, "-o", "jsonpath={.reason}");
    return { code, stdout, stderr };
  };
  const emit = (...args: string[]) => kev("emit", ...args, "-n", namespace, "-q");

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("wait");
    for (const name of ["m", "p", "q"]) {
      await cluster.apply(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`, namespace);
    }
    await emit("Ready", "cm/m");
  });

  test("an event that is there counts at once", async () => {
    expect(await wait("cm/m", "--for", "Ready")).toEqual({ code: 0, stdout: "Ready", stderr: "" });
    expect(await wait("cm/m", "--for", "Ready", "--timeout", "0")).toEqual({ code: 0, stdout: "Ready", stderr: "" });
  });

  test.each([
    { args: ["cm/m", "--for", "Ready", "--new"], stderr: "error: timed out waiting for Ready on configmaps/m\n" },
    { args: ["cm/p", "--for", "Ready"], stderr: "error: timed out waiting for Ready on configmaps/p\n" },
    {
      args: ["cm/m", "--for", "Ready", "--count", "2"],
      stderr: "error: timed out waiting for Ready on configmaps/m\n",
    },
    { args: ["--for", "Odd"], stderr: "error: timed out waiting for Odd\n" },
    {
      args: ["cm/m", "--for", "Ready", "--for", "Done", "--match", "all"],
      stderr: "error: timed out waiting for Ready, Done on configmaps/m\n",
    },
  ])("$args does not come in time", async ({ args, stderr }) => {
    expect(await wait(...args, "--timeout", "1s")).toEqual({ code: 3, stdout: "", stderr });
  });

  test("one that comes", async () => {
    const waiting = wait("cm/m", "--for", "Later", "--for", "Never", "--timeout", "60s", "--new");
    // Until it was written after the waiting had begun.
    const writing = (async () => {
      let isOver = false;
      waiting.finally(() => (isOver = true));
      while (!isOver) await emit("Later", "cm/m");
    })();
    expect(await waiting).toEqual({ code: 0, stdout: "Later", stderr: "" });
    await writing;
  });

  test("in a race with kev emit it never misses", async () => {
    // 200 on both Nodes together, 4 at once: the machine is loaded, so that either may be first.
    const races = Array.from({ length: 100 }, (_, index) => `Race${index}`);
    for await (const result of mapConcurrent(races, 4, async (reason) => {
      const [waited, emitted] = await Promise.all([
        wait("cm/m", "--for", reason, "--timeout", "60s"),
        emit(reason, "cm/m"),
      ]);
      return { reason, emitted: emitted.code, ...waited };
    })) {
      expect(result).toEqual({ reason: result.reason, emitted: 0, code: 0, stdout: result.reason, stderr: "" });
    }
  });

  test("several reasons with commas, and two events as a List", async () => {
    await emit("Done", "cm/m");
    const both = ["cm/m", "--for", "Ready,Done", "--match", "all"];
    expect(await kev("wait", "-n", namespace, ...both, "-o", "jsonpath={.items[*].reason}")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^(Ready Done|Done Ready)$/),
    });
    await emit("Broken", "cm/p", "--type", "Warning");
    expect(await wait("cm/p", "--for", "Ready", "--fail-on", "Odd,Broken")).toMatchObject({
      code: 1,
      stdout: "Broken",
    });
  });

  test("a right to list alone is refused, and no event that did not come", async () => {
    await cluster.kubectl("create", "role", "lister", "--verb=list", "--resource=events", "-n", namespace);
    await cluster.kubectl("create", "rolebinding", "lister", "--role=lister", "--user=jane", "-n", namespace);
    const refused = {
      code: 4,
      stderr: expect.stringMatching(/^Error from server \(Forbidden\): events is forbidden: User "jane" cannot watch/),
    };
    expect(await wait("--for", "Never", "--as", "jane", "--timeout", "60s")).toMatchObject(refused);
    expect(await kev("events", "-w", "-n", namespace, "--as", "jane", "-o", "name")).toMatchObject(refused);
  });

  test("a server that never answers ends it in time, as unreachable", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    try {
      expect(await wait("cm/m", "--for", "Ready", "--timeout", "1s", "-s", url)).toEqual({
        code: 6,
        stdout: "",
        stderr: "Unable to connect to the server: no answer within 1s\n",
      });
    } finally {
      silent.close();
      silent.closeAllConnections();
    }
  });

  test("--fail-on ends it at once", async () => {
    await emit("Broken", "cm/q", "--type", "Warning");
    expect(await wait("cm/q", "--for", "Ready", "--fail-on", "Broken", "--timeout", "60s")).toEqual({
      code: 1,
      stdout: "Broken",
      stderr: "error: Broken came while waiting for Ready\n",
    });
  });

  test.each([
    {
      args: ["cm/nowhere", "--for", "Ready"],
      code: 5,
      stderr: /^Error from server \(NotFound\): configmaps "nowhere" not found\n/,
    },
    { args: ["cm/m"], code: 2, stderr: /^error: --for is needed/ },
    {
      args: ["cm/m", "--for", "Ready", "--fail-on", "!A"],
      code: 2,
      stderr: /^error: --fail-on takes reasons, and "!A" is none/,
    },
    { args: ["cm/m", "--for", "condition=Available"], code: 2, stderr: /^error: --for takes reasons/ },
    { args: ["cm/m", "--for", "approve"], code: 2, stderr: /^error: --for takes .*\nhint: its reason is Approval\n$/ },
    {
      args: ["cm/m", "--for", "A", "--message", "("],
      code: 2,
      stderr: /^error: --message "\(" is no regular expression/,
    },
    {
      args: ["cm/m", "--for", "A", "--count", "0"],
      code: 2,
      stderr: /^error: invalid argument "0" for "--count" flag/,
    },
    { args: ["cm/m", "--for", "A", "--match", "some"], code: 2, stderr: /^error: --match is any or all, not "some"/ },
    { args: ["cm/m", "--for", "A", "--timeout", "soon"], code: 2, stderr: /^error: invalid timeout "soon"/ },
  ])("$args is refused", async ({ args, code, stderr }) => {
    expect(await wait(...args)).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  });
});
