import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { main } from "../../src/cli/main.ts";
import { keyedEventName } from "../../src/events/event-key.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { InterruptedError } from "../../src/util/interrupted-error.ts";
import { notFound, type Script, statusError } from "../kube/scripted-connection.ts";
import { apiError, conflict, scriptedEvents } from "../record/scripted-events.ts";
import { settled } from "../support/fake-clock.ts";
import { collectOutput, type FakeContext, fakeContext, stdinOf } from "../support/fake-context.ts";

const path = "GET /apis/apps/v1/namespaces/default/deployments";
const object = (name: string) => ({ metadata: { name, namespace: "default", uid: `u-${name}`, resourceVersion: "1" } });
const known = { [`${path}/a`]: [object("a")] };
const missing = {
  [`${path}/b`]: [notFound("deployments", "apps", "b")],
  "GET /api/v1/namespaces/default": [{}],
  [`${path}?limit=500`]: [{ items: [] }],
};
const line = (more: object = {}): string => `${JSON.stringify({ object: "a", reason: "Tested", ...more })}\n`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-batch-"));
  await writeFile(join(folder, "one.jsonl"), line());
});
afterAll(() => rm(folder, { recursive: true }));

interface Parts extends Partial<FakeContext> {
  /** What standard input holds, or how it comes. */
  input?: string | (() => AsyncIterable<Buffer>);
}

async function batch(argv: string, posts: (Error | "stored")[], script: Script, { input, ...parts }: Parts = {}) {
  const connection = scriptedEvents(posts, script);
  const chunks = typeof input === "function" ? { chunks: input } : {};
  const context = fakeContext({
    connect: async () => connection,
    cwd: folder,
    ...(input !== undefined && { stdin: { ...stdinOf(String(input)), ...chunks } }),
    ...parts,
  });
  const code = await main(["emit", ...argv.split(" ")], context);
  const named = (text: string): string => text.replaceAll(/(?<=\.)[a-z0-9]{24}/g, "ID");
  expect(connection.unused()).toEqual([]);
  return { code, stdout: named(context.stdout.text), stderr: named(context.stderr.text) };
}

describe("kev emit --batch takes", () => {
  test("a file, and standard input", async () => {
    const result = { code: 0, stdout: "event/a.ID created\n", stderr: "1 stored, 0 retried, 0 refused\n" };
    expect(await batch("--batch one.jsonl", ["stored"], known)).toEqual(result);
    expect(await batch("--batch -", ["stored"], known, { input: line() })).toEqual(result);
  });

  test("nothing: that is done", async () => {
    const result = { code: 0, stdout: "", stderr: "0 stored, 0 retried, 0 refused\n" };
    expect(await batch("--batch -", [], {}, { input: "" })).toEqual(result);
    expect(await batch("--batch -", [], {}, { input: "\n  \r\n" })).toEqual(result);
  });

  test.each([
    ["missing.jsonl", "error: open missing.jsonl: no such file or directory\n"],
    [".", "error: read .: is a directory\n"],
  ])("no %s", async (file, stderr) => {
    expect(await batch(`--batch ${file}`, [], {})).toEqual({ code: 2, stdout: "", stderr });
  });

  test.each([
    ["tested --batch one.jsonl", "--batch takes no WHAT and no OBJECT: each line names its own"],
    ["tested a --batch one.jsonl", "--batch takes no WHAT and no OBJECT: each line names its own"],
    ...[
      ...["-m x", "--reason X", "--type Normal", "--component c", "--instance i", "--action a", "--related node/n"],
      ...[
        "--annotation a=b",
        "--label a=b",
        "--at 5m",
        "--digest d",
        "--expires 2h",
        "--key k",
        "--once",
        "--kind Pod",
      ],
      ...["-c app", "-l app=a", "--all", "-A", "-f a.yaml", "-R"],
    ].map((flag) => [
      `--batch one.jsonl ${flag}`,
      "and --batch cannot be used together: each line says what its event is",
    ]),
    ["--batch=", 'invalid argument "" for "--batch" flag: it is a file, or -'],
    ["--batch one.jsonl -o nope", 'unable to match a printer suitable for the output format "nope"'],
    ["--batch one.jsonl -q -o name", "-q and -o exclude each other"],
    ["--batch one.jsonl --dry-run=x", 'Invalid dry-run value (x). Must be "none", "server", or "client".'],
    ["--batch one.jsonl --retry-timeout soon", 'invalid retry timeout "soon"'],
  ])("not %s", async (argv, message) => {
    const { code, stdout, stderr } = await batch(argv, [], {});
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("kev emit --batch prints", () => {
  test.each([
    ["-q", "", ""],
    ["-o name", "event/a.ID\n", "1 stored, 0 retried, 0 refused\n"],
    ["-o jsonpath={.reason}", "Tested", "1 stored, 0 retried, 0 refused\n"],
    ["--dry-run=server", "event/a.ID created (server dry run)\n", "1 checked, 0 retried, 0 refused\n"],
  ])("with %s", async (flag, stdout, stderr) => {
    expect(await batch(`--batch one.jsonl ${flag}`, ["stored"], known)).toEqual({ code: 0, stdout, stderr });
  });

  test("with --dry-run what would be, and sends nothing", async () => {
    expect(await batch("--batch one.jsonl --dry-run", [], known)).toEqual({
      code: 0,
      stdout: "event/a.ID created (dry run)\n",
      stderr: "1 checked, 0 retried, 0 refused\n",
    });
  });

  test("with -o json and -o yaml one object after the other", async () => {
    const stdin = line() + line({ message: "second" });
    const json = await batch("--batch - -o json", ["stored", "stored"], known, { input: stdin });
    const texts = json.stdout.split(/(?<=^\}\n)/m);
    expect(texts.map((text) => JSON.parse(text).message)).toEqual(["", "second"]);
    const yaml = await batch("--batch - -o yaml", ["stored", "stored"], known, { input: stdin });
    expect(yaml.stdout.match(/^(---|kind: Event|message: .*)$/gm)).toEqual([
      "kind: Event",
      'message: ""',
      "---",
      "kind: Event",
      "message: second",
    ]);
  });

  test("where it is on a terminal that has no lines of its own, which is taken away for what stays", async () => {
    const stderr = collectOutput({ isTTY: true, columns: 20 });
    const stdin = `${line()}{}\n${line()}`;
    const result = await batch("--batch -", ["stored", "stored"], known, { input: stdin, stderr });
    const [progress, gone] = ["\r\u001b[K1 stored, 0 retried", "\r\u001b[K"];
    // The clock stands still: it is shown once.
    expect(result.stderr).toBe(
      `${progress.slice(0, 3 + 20)}${gone}line 2: error: it has no object\n2 stored, 0 retried, 1 refused\n`,
    );
  });

  test.each([
    ["a pipe for stderr", "", false, false],
    ["stdout on the same terminal", "", true, true],
    ["-q", " -q", true, false],
  ])("nothing of that with %s", async (_what, flag, isTTY, isStdoutTTY) => {
    const outputs = { stderr: collectOutput({ isTTY }), stdout: collectOutput({ isTTY: isStdoutTTY }) };
    const result = await batch(`--batch one.jsonl${flag}`, ["stored"], known, outputs);
    expect(result.stderr).toBe(flag === "" ? "1 stored, 0 retried, 0 refused\n" : "");
  });
});

describe("the end of kev emit --batch tells", () => {
  const busy = apiError(503, "ServiceUnavailable");
  const inDoubt = "hint: it may have been stored all the same: kubectl get event a.ID -n default\n";
  test.each<[string, string, (Error | "stored")[], Script, string]>([
    ["sent again", "2m", [busy, busy, "stored"], known, "1 stored, 1 retried, 0 refused\n"],
    ["looked up again", "2m", ["stored"], { [`${path}/a`]: [busy, object("a")] }, "1 stored, 1 retried, 0 refused\n"],
    [
      "refused",
      "2m",
      [apiError(403, "Forbidden")],
      known,
      "line 1: Error from server (Forbidden): Forbidden!\n0 stored, 0 retried, 1 refused\n",
    ],
    [
      "failed, since nobody was there",
      "0",
      [new UnreachableError("refused", "The connection to the server was refused")],
      known,
      "line 1: The connection to the server was refused\n0 stored, 0 retried, 0 refused, 1 failed\n",
    ],
    [
      "failed, since the server had no time",
      "0",
      [apiError(429, "TooManyRequests")],
      known,
      "line 1: Error from server (TooManyRequests): TooManyRequests!\n0 stored, 0 retried, 0 refused, 1 failed\n",
    ],
    [
      "in doubt, since no answer came",
      "0",
      [new UnreachableError("cut", "Unable to connect to the server: EOF")],
      known,
      `line 1: Unable to connect to the server: EOF\n${inDoubt}0 stored, 0 retried, 0 refused, 1 in doubt\n`,
    ],
  ])("what was %s", async (_what, timeout, posts, script, stderr) => {
    const result = await batch(`--batch - --retry-timeout ${timeout}`, posts, script, { input: line() });
    expect(result.stderr).toBe(stderr);
  });

  test("what was unchanged", async () => {
    const identity = { objectName: "a", uid: "u-a", type: "Normal", reason: "Tested", component: "kev", key: "k" };
    const name = keyedEventName(identity);
    const stored = { kind: "Event", metadata: { name, namespace: "default" }, count: 1 };
    const script = { ...known, [`GET /api/v1/namespaces/default/events/${name}`]: [stored] };
    const input = line({ key: "k", once: true });
    expect(await batch("--batch -", [conflict("AlreadyExists")], script, { input })).toEqual({
      code: 0,
      stdout: "event/a.ID unchanged\n",
      stderr: "0 stored, 1 unchanged, 0 retried, 0 refused\n",
    });
  });

  test.each<[string, string, (Error | "stored")[], Script, number]>([
    ["all refused", line(), [apiError(403, "Forbidden")], known, 4],
    ["all wrong", "{}\n[]\n", [], {}, 2],
    ["none found", line({ object: "b" }), [], missing, 5],
    ["a mixture", `{}\n${line({ object: "b" })}`, [], missing, 1],
    ["some stored", `{}\n${line()}`, ["stored"], known, 1],
    ["unreachable", line(), [new UnreachableError("tls", "x509")], known, 6],
    ["not looked up", line(), [], { [`${path}/a`]: [statusError(401, { message: "Unauthorized" })] }, 4],
  ])("by its exit code: %s", async (_what, stdin, posts, script, code) => {
    expect((await batch("--batch -", posts, script, { input: stdin })).code).toBe(code);
  });

  test("after Ctrl-C up to which line it came", async () => {
    const abort = new AbortController();
    const stdout = collectOutput();
    const chunks = async function* () {
      yield Buffer.from(line() + line());
      while (stdout.text.split("\n").length < 3) await settled();
      abort.abort(new InterruptedError("SIGTERM"));
      await new Promise(() => undefined);
    };
    const parts = { stdout, signal: abort.signal, input: chunks };
    expect(await batch("--batch -", ["stored", "stored"], known, parts)).toEqual({
      code: 143,
      stdout: "event/a.ID created\nevent/a.ID created\n",
      stderr: "2 stored, 0 retried, 0 refused\nerror: interrupted; nothing after line 2 was sent\n",
    });
  });

  test("after Ctrl-C which lines before that were not sent", async () => {
    const abort = new AbortController();
    const never = new Promise((_, reject) => abort.signal.addEventListener("abort", () => reject(abort.signal.reason)));
    const script = { [`${path}/slow`]: [never], [`${path}/a`]: [object("a")] };
    const chunks = async function* () {
      yield Buffer.from(line({ object: "slow" }) + line() + line({ object: "slow" }));
      await settled();
      abort.abort(new InterruptedError("SIGINT"));
    };
    expect(await batch("--batch -", ["stored"], script, { signal: abort.signal, input: chunks })).toEqual({
      code: 130,
      stdout: "event/a.ID created\n",
      stderr: `1 stored, 0 retried, 0 refused
error: interrupted; line 1 and everything after line 2 were not sent
`,
    });
  });

  test("after Ctrl-C that nothing was sent", async () => {
    const abort = new AbortController();
    abort.abort(new InterruptedError("SIGINT"));
    expect(await batch("--batch -", [], {}, { signal: abort.signal, input: line() })).toEqual({
      code: 130,
      stdout: "",
      stderr: "error: interrupted; no event was sent\n",
    });
  });
});

describe("hints of kev emit --batch", () => {
  test("name members of a line where a line has them, and flags where it has none", async () => {
    const stdin = [
      line({ message: "x".repeat(1_025) }),
      line({ once: true }),
      line({ related: "n" }),
      line({ digest: "d" }),
      line({ expires: "2h" }),
      line({ container: "app" }),
      line({ reason: undefined, preset: "break-glass" }),
      line(),
    ].join("");
    const result = await batch(
      "--batch -",
      [apiError(429, "TooManyRequests", 200)],
      { [`${path}/a`]: [object("a"), object("a")] },
      { input: stdin },
    );
    expect(result).toEqual({
      code: 1,
      stdout: "",
      stderr: `line 1: error: message is 1025 bytes long, the limit is 1024
hint: shorten it, or let "truncate" cut it
line 2: error: "once" needs "key", which says what it is once of
line 3: error: "related" takes TYPE/NAME, not "n"
line 4: error: "digest" is for decisions about a release, like approve
line 5: error: "expires" is for approve and break-glass
line 6: error: "container" is for pods, "a" is none
line 7: error: break-glass needs a message that says why
hint: say it with "message"
line 8: Error from server (TooManyRequests): TooManyRequests!
hint: the server asks to wait 200s; --retry-timeout 200s waits that long
0 stored, 0 retried, 7 refused, 1 failed
`,
    });
  });

  test("are said once for lines one after the other", async () => {
    const result = await batch("--batch -", [], {}, { input: "x\ny\n{}\nz\n" });
    const hint = 'hint: like {"object":"deploy/ui-server","reason":"SmokeTested"}';
    expect(result.stderr).toBe(`line 1: error: it is no JSON
${hint}
line 2: error: it is no JSON
line 3: error: it has no object
line 4: error: it is no JSON
${hint}
0 stored, 0 retried, 4 refused
`);
  });

  test("with --truncate for all lines, and defaults of the config file", async () => {
    await writeFile(join(folder, "kev.yaml"), "defaults: {component: nightly}\n");
    const result = await batch("--batch - --truncate -o jsonpath={.source.component},{.message}", ["stored"], known, {
      input: line({ message: "x".repeat(1_025) }),
    });
    await rm(join(folder, "kev.yaml"));
    expect(result.stdout).toBe(`nightly,${"x".repeat(1_021)}…`);
  });
});
