import type { Context, Output } from "../../src/cli/context.ts";
import { fakeClock } from "./fake-clock.ts";

/** An output that keeps what is written to it. */
export interface CollectedOutput extends Output {
  readonly text: string;
}

export function collectOutput(shape: { isTTY?: boolean; columns?: number } = {}): CollectedOutput {
  let text = "";
  return {
    write: (part) => {
      text += part;
    },
    get text() {
      return text;
    },
    drained: async () => undefined,
    send: async (part) => {
      text += typeof part === "string" ? part : Buffer.from(part).toString();
    },
    closed: new AbortController().signal,
    isTTY: shape.isTTY ?? false,
    columns: shape.columns,
  };
}

export interface FakeContext extends Context {
  readonly stdout: CollectedOutput;
  readonly stderr: CollectedOutput;
}

/** A standard input with this text in it. */
export function stdinOf(text: string): Context["stdin"] {
  return {
    isTTY: false,
    read: async () => text,
    chunks: async function* () {
      yield Buffer.from(text);
    },
  };
}

/** A context that touches nothing: pipes that collect, a clock that stands still, and no server and no stdin to ask. */
export function fakeContext(parts: Partial<FakeContext> = {}): FakeContext {
  return {
    env: {},
    cwd: "/nowhere",
    homeDir: "/nowhere/home",
    hostName: () => "ci-runner-7",
    runtime: { node: "v24.1.0", platform: "linux/x64" },
    stdin: {
      isTTY: false,
      read: async () => {
        throw new Error("Unexpected read of stdin");
      },
      chunks: () => {
        throw new Error("Unexpected read of stdin");
      },
    },
    stdout: collectOutput(),
    stderr: collectOutput(),
    clock: fakeClock("2026-11-23T09:30:00Z"),
    signal: new AbortController().signal,
    signals: {
      take: () => {
        throw new Error("Unexpected taking of signals");
      },
      raise: (signal) => {
        throw new Error(`Unexpected ${signal}`);
      },
    },
    keepMemorySteady: async () => undefined,
    endAtOnce: () => undefined,
    connect: async () => {
      throw new Error("Unexpected connection");
    },
    ...parts,
  };
}
