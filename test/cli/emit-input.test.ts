import { describe, expect, test } from "@jest/globals";
import { emitInput } from "../../src/cli/emit-input.ts";
import type { LoadedPresets } from "../../src/cli/load-presets.ts";
import { parseTime } from "../../src/cli/parse-time.ts";
import type { EmitCommandOptions } from "../../src/commands/emit.ts";
import { builtInPresets } from "../../src/events/presets.ts";
import { fakeContext, stdinOf } from "../support/fake-context.ts";

const none: LoadedPresets = { presets: builtInPresets, defaults: {} };
const asked: EmitCommandOptions = { what: "tested", objects: ["ui-server"] };
const stdin = (text: string) => fakeContext({ stdin: stdinOf(text) });

describe("emitInput", () => {
  test("what is not asked for stays the library's to decide", async () => {
    const context = fakeContext({ env: { KUBECACHEDIR: "/cache" } });
    const { clock, signal, hostName } = context;
    expect(await emitInput(asked, none, context)).toEqual({
      what: "tested",
      objects: { args: ["ui-server"], cwd: "/nowhere", readStdin: context.stdin.read },
      labels: {},
      annotations: {},
      defaults: {},
      presets: builtInPresets,
      cacheDir: "/cache",
      clock,
      signal,
      hostName,
    });
  });

  test("flags win over the defaults of the config file", async () => {
    const defaults = { component: "ours", labels: { a: "d" }, retryTimeout: 5 };
    const loaded = { presets: builtInPresets, defaults };
    const input = await emitInput({ ...asked, label: ["a=flag"] }, loaded, fakeContext());
    expect(input).toMatchObject({ labels: { a: "flag" }, defaults, retryTimeout: 5 });
    const given = await emitInput({ ...asked, retryTimeout: "2m" }, loaded, fakeContext());
    expect(given).toMatchObject({ retryTimeout: 120_000 });
  });

  test("-m - reads stdin, less the line feed that commands end in", async () => {
    await expect(emitInput({ ...asked, message: "-" }, none, stdin("two\nlines\n\n"))).resolves.toMatchObject({
      message: "two\nlines",
    });
  });

  test("--expires is a time, or how long from now", async () => {
    const at = async (expires: string) => (await emitInput({ ...asked, expires }, none, fakeContext())).expiresAt;
    expect(await at("2h")).toEqual(new Date("2026-11-23T11:30:00Z"));
    expect(await at("2026-11-24T00:00:00+01:00")).toEqual(new Date("2026-11-23T23:00:00Z"));
  });

  test.each<[Partial<EmitCommandOptions>, string]>([
    [{ message: "-", filename: ["app.yaml,-"] }, "standard input cannot be used for multiple arguments"],
    [{ message: "-", filename: ["-"] }, "standard input cannot be used for multiple arguments"],
    [{ label: ["a"] }, '--label takes KEY=VALUE, not "a"'],
    [{ annotation: ["=a"] }, '--annotation takes KEY=VALUE, not "=a"'],
    [{ at: "yesterday" }, 'invalid time "yesterday"'],
    [{ expires: "tomorrow" }, 'invalid expiry "tomorrow"'],
    [{ expires: "3000000h" }, 'invalid expiry "3000000h"'],
    [{ dryRun: "maybe" }, 'Invalid dry-run value (maybe). Must be "none", "server", or "client".'],
    [{ retryTimeout: "5" }, 'invalid retry timeout "5"'],
    [{ retryTimeout: "-5s" }, 'invalid retry timeout "-5s"'],
  ])("%j", async (wrong, message) => {
    await expect(emitInput({ ...asked, ...wrong }, none, fakeContext())).rejects.toMatchObject({
      kind: "usage",
      message,
    });
  });
});

describe("parseTime", () => {
  const now = new Date("2026-11-23T09:30:00Z");

  test.each([
    ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00.000Z"],
    ["2026-11-23t11:00:00.5+02:00", "2026-11-23T09:00:00.500Z"],
    ["5m", "2026-11-23T09:25:00.000Z"],
    ["1h30m", "2026-11-23T08:00:00.000Z"],
  ])("%s", (text, expected) => {
    expect(parseTime(text, now).toISOString()).toBe(expected);
  });

  test.each([
    "",
    "2026-11-23",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-11-22T24:00:00Z",
    "0000-11-23T09:30:00Z",
    "0001-01-01T00:00:00Z",
    "09:30",
    "5",
  ])("%j is none", (text) => {
    expect(() => parseTime(text, now)).toThrow(`invalid time "${text}"`);
  });
});
