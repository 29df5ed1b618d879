import { describe, expect, test } from "@jest/globals";
import { main } from "../../src/cli/main.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { InterruptedError } from "../../src/util/interrupted-error.ts";
import { version } from "../../src/version.ts";
import { notFound, type Script, statusError } from "../kube/scripted-connection.ts";
import { apiError, type ScriptedEvents, scriptedEvents } from "../record/scripted-events.ts";
import { collectOutput, type FakeContext, fakeContext } from "../support/fake-context.ts";

const path = "GET /apis/apps/v1/namespaces/default/deployments";
const object = (name: string) => ({ metadata: { name, namespace: "default", uid: `u-${name}`, resourceVersion: "1" } });

function connected(connection: ScriptedEvents, parts: Partial<FakeContext> = {}): FakeContext {
  return fakeContext({
    connect: async () => ({ ...connection, send: async () => Promise.reject(new Error("Unexpected")) }),
    ...parts,
  });
}

async function emitting(argv: string, posts: (Error | "stored")[], script: Script, parts: Partial<FakeContext> = {}) {
  const context = connected(scriptedEvents(posts, script), parts);
  const code = await main(argv.split(" "), context);
  const named = (text: string): string => text.replaceAll(/(?<=\.)[a-z0-9]{24}/g, "ID");
  return { code, stdout: named(context.stdout.text), stderr: named(context.stderr.text) };
}

describe("kev emit", () => {
  test("a line per event", async () => {
    const script = { [`${path}/a`]: [object("a")], [`${path}/b`]: [object("b")] };
    expect(await emitting("emit tested deploy/a deploy/b", ["stored", "stored"], script)).toEqual({
      code: 0,
      stdout: "event/a.ID created\nevent/b.ID created\n",
      stderr: "",
    });
  });

  test.each([
    ["emit tested a -q", ""],
    ["emit tested a -o name", "event/a.ID\n"],
    ["emit tested a -o jsonpath={.reason}", "Tested"],
    ["emit tested a --dry-run=server", "event/a.ID created (server dry run)\n"],
  ])("%s", async (argv, stdout) => {
    const result = await emitting(argv, ["stored"], { [`${path}/a`]: [object("a")] });
    expect(result).toEqual({ code: 0, stdout, stderr: "" });
  });

  test("--dry-run alone is the client's, and sends nothing", async () => {
    const result = await emitting("emit tested a --dry-run", [], { [`${path}/a`]: [object("a")] });
    expect(result).toEqual({ code: 0, stdout: "event/a.ID created (dry run)\n", stderr: "" });
  });

  test("one that fails of several: its error beside the others' events, and 1", async () => {
    const script = {
      [`${path}/a`]: [object("a")],
      [`${path}/b`]: [statusError(403, { reason: "Forbidden", message: "no" })],
    };
    expect(await emitting("emit tested deploy/a deploy/b", ["stored"], script)).toEqual({
      code: 1,
      stdout: "event/a.ID created\n",
      stderr: "Error from server (Forbidden): no\n",
    });
  });

  test.each<[string, Error, number]>([
    ["refused", apiError(403, "Forbidden"), 4],
    ["not logged in", apiError(401, "Unauthorized"), 4],
    ["unreachable", new UnreachableError("tls", "x509"), 6],
    ["invalid", apiError(422, "Invalid"), 1],
  ])("the exit code says why: %s", async (_what, failure, code) => {
    expect(await emitting("emit tested a", [failure], { [`${path}/a`]: [object("a")] })).toMatchObject({
      code,
      stdout: "",
    });
  });

  test("not found", async () => {
    const script = {
      [`${path}/ui-sever`]: [notFound("deployments", "apps", "ui-sever")],
      "GET /api/v1/namespaces/default": [{}],
      [`${path}?limit=500`]: [{ items: [object("ui-server")] }],
    };
    expect(await emitting("emit tested ui-sever", [], script)).toEqual({
      code: 5,
      stdout: "",
      stderr: 'Error from server (NotFound): deployments.apps "ui-sever" not found\nhint: did you mean ui-server?\n',
    });
  });

  test("a jsonpath that does not fit an event stops nothing, and the event is reported all the same", async () => {
    const script = { [`${path}/a`]: [object("a")], [`${path}/b`]: [object("b")] };
    const result = await emitting(
      "emit tested deploy/a deploy/b -o jsonpath={.reason[0]}",
      ["stored", "stored"],
      script,
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/event\/a\.ID created\n[\s\S]*event\/b\.ID created\n$/);
  });

  test("Ctrl-C between two events: what was on its way, and what was not sent", async () => {
    const abort = new AbortController();
    const names = Array.from({ length: 10 }, (_, index) => `o${index}`);
    const script = Object.fromEntries(names.map((name) => [`${path}/${name}`, [object(name)]]));
    const connection = scriptedEvents(["stored"], script);
    const api = await connection.coreV1();
    let posts = 0;
    const createNamespacedEventWithHttpInfo: typeof api.createNamespacedEventWithHttpInfo = async (request) => {
      if (++posts === 1) return await api.createNamespacedEventWithHttpInfo(request);
      abort.abort(new InterruptedError("SIGINT"));
      throw abort.signal.reason;
    };
    const coreV1 = async () => ({ createNamespacedEventWithHttpInfo });
    const context = connected({ ...connection, coreV1 }, { signal: abort.signal });
    expect(await main(["emit", "tested", "deployment", ...names], context)).toBe(130);
    expect(context.stdout.text).toMatch(/^event\/o0\.\w+ created\n$/);
    const lines = context.stderr.text.split("\n");
    const onTheirWay = lines.filter((line) => line === "error: interrupted while an event was on its way").length;
    expect(onTheirWay).toBe(posts - 1);
    expect(lines.at(-2)).toBe(`error: interrupted; ${10 - posts} events were not sent`);
  });

  test("a wrong -o is said before anything is sent", async () => {
    expect(await emitting("emit tested a -o jsonpath={.a[", [], {})).toMatchObject({ code: 2, stdout: "" });
    expect(await emitting("emit tested a -q -o yaml", [], {})).toMatchObject({
      code: 2,
      stderr: "error: -q and -o exclude each other\n",
    });
  });

  test("at a terminal the first failed try is said at once", async () => {
    const down = new UnreachableError("refused", "The connection to the server x was refused");
    const script = { [`${path}/a`]: [down, down, object("a")] };
    const note = "note: The connection to the server x was refused; trying again\n";
    const terminal = { stderr: collectOutput({ isTTY: true }) };
    expect(await emitting("emit tested a", ["stored"], script, terminal)).toMatchObject({ code: 0, stderr: note });
    expect(await emitting("emit tested a", ["stored"], script)).toMatchObject({ code: 0, stderr: "" });
  });

  test("what the server says reaches no terminal raw", async () => {
    const status = { reason: "Forbidden", message: "no\u001b[2J\u009b5m\r\u202e" };
    const failure = new ApiError({ httpStatus: 403, status, request: "GET /" });
    const { stderr } = await emitting("emit tested a", [], { [`${path}/a`]: [failure] });
    expect(stderr).toBe("Error from server (Forbidden): no^[[2J\\u009b5m\\r\\u202e\n");
  });
});

describe("kev version", () => {
  const server = { gitVersion: "v1.36.1", platform: "linux/amd64" };

  test("of both", async () => {
    const context = connected(scriptedEvents([], { "GET /version": [server] }));
    expect(await main(["version"], context)).toBe(0);
    expect(context.stdout.text).toBe(`Client Version: ${version}\nServer Version: v1.36.1\n`);
  });

  test("as JSON", async () => {
    const context = connected(scriptedEvents([], { "GET /version": [server] }));
    expect(await main(["version", "-o", "json"], context)).toBe(0);
    expect(JSON.parse(context.stdout.text)).toEqual({
      clientVersion: { version, runtime: "node v24.1.0", platform: "linux/x64" },
      serverVersion: server,
    });
  });

  test("what the server says of itself reaches no terminal raw", async () => {
    const raw = { gitVersion: "v1\u009b31m\u202e\u001b[2J" };
    for (const [format, shown] of [
      ["json", '"v1\\u009b31m\\u202e\\u001b[2J"'],
      ["yaml", '"v1\\u009b31m\\u202e\\e[2J"'],
    ] as const) {
      const context = connected(scriptedEvents([], { "GET /version": [raw] }));
      expect(await main(["version", "-o", format], context)).toBe(0);
      expect(context.stdout.text).toContain(shown);
      expect(context.stdout.text).not.toMatch(/[\u009b\u202e\u001b]/);
    }
  });

  test("its own even when no server answers, which is the error", async () => {
    const down = new UnreachableError("refused", "The connection to the server x was refused");
    const context = connected(scriptedEvents([], { "GET /version": [down] }));
    expect(await main(["version"], context)).toBe(6);
    expect(context.stdout.text).toBe(`Client Version: ${version}\n`);
    expect(context.stderr.text).toBe("The connection to the server x was refused\n");
  });

  test("--client asks nobody", async () => {
    expect(await main(["version", "--client"], fakeContext())).toBe(0);
  });
});

describe("kev presets", () => {
  test("lists them with their source", async () => {
    const context = fakeContext();
    expect(await main(["presets", "--no-headers"], context)).toBe(0);
    expect(context.stdout.text.split("\n")[0]).toBe(
      "approve             Approval             Normal    built-in   this release may roll out",
    );
  });

  test("unknown formats are refused", async () => {
    const context = fakeContext();
    expect(await main(["presets", "-o", "xml"], context)).toBe(2);
    expect(context.stderr.text).toBe(
      'error: unable to match a printer suitable for the output format "xml", allowed formats are: json,name,wide,yaml\n',
    );
  });
});
