import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { file } from "../../src/sinks/file.ts";
import { linesReceiver } from "../support/lines-receiver.ts";
import { sampleDelivery } from "../support/sample-delivery.ts";
import { sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;

sinkContract({
  type: file,
  start: async () => {
    const cwd = await mkdtemp(join(tmpdir(), "kev-file-sink-"));
    return linesReceiver({
      options: { path: "new/events.jsonl" },
      services: { cwd },
      bytes: async () => {
        const text = await readFile(join(cwd, "new/events.jsonl"), "utf8").catch(() => "");
        return text === "" ? [] : text.split(/(?<=\n)/);
      },
      close: () => rm(cwd, { recursive: true }),
    });
  },
  except: ["500", "429", "400", "401", "garbage", "hang", "cut", "half"],
});

describe("the sink file", () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), "kev-file-sink-"));
  });
  afterEach(() => rm(cwd, { recursive: true }));

  test("fails, retriably, where it may not write, and names the file as the config does", async () => {
    const sink = await file.create(file.options.parse({ path: "events.jsonl/x" }), sinkServices({ cwd }));
    await rm(cwd, { recursive: true });
    await mkdir(cwd);
    await mkdir(join(cwd, "events.jsonl/x"), { recursive: true });
    await expect(sink.send([sampleDelivery()], never)).rejects.toMatchObject({
      name: "SendError",
      message: "read events.jsonl/x: is a directory",
      retriable: true,
    });
    await sink.close();
  });

  test("refuses what is no file", async () => {
    const create = file.create(file.options.parse({ path: "." }), sinkServices({ cwd }));
    await expect(create).rejects.toMatchObject({ kind: "usage", message: ". is no regular file" });
  });

  test.each([
    [{}, "Invalid input: expected string, received undefined"],
    [{ path: "a", maxSize: "5 bananas" }, "must be a size such as 1MiB, 500kB or 4096"],
    [{ path: "a", maxAge: "5" }, "must be a duration such as 30s or 1h30m"],
  ])("refuses the options %j", (options, message) => {
    expect(file.options.safeParse(options).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });
});
