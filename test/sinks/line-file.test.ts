import { appendFile, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createLineFile, type LineFile, type LineFileOptions } from "../../src/sinks/line-file.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";

let folder: string;
let file: string;
let clock: FakeClock;
const opened: LineFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-line-file-"));
  file = join(folder, "events.jsonl");
  clock = fakeClock("2026-11-23T09:30:00Z");
});

afterEach(async () => {
  for (const lineFile of opened.splice(0)) await lineFile.close();
  await rm(folder, { recursive: true });
});

function lineFile(more: Partial<LineFileOptions> = {}, openFile?: typeof open): LineFile {
  const options = { file, maxSize: 1_000, maxAge: undefined, keep: 5, gzip: false, clock, ...more };
  const made = createLineFile(options, openFile);
  opened.push(made);
  return made;
}

/** Each file with its text, unpacked. */
async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return Object.fromEntries(
    names.map((name, index) => {
      const bytes = texts[index] ?? Buffer.alloc(0);
      return [name, (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()];
    }),
  );
}

describe("a file of lines", () => {
  test("is made with its folders, and added to", async () => {
    file = join(folder, "events.jsonl");
    const first = lineFile();
    await first.append("a\n");
    await first.append("b\n");
    await first.close();
    await lineFile().append("c\n");
    expect(await contents()).toEqual({ "events.jsonl": "a\nb\nc\n" });
  });

  test("is begun anew before it would become too large; the oldest are deleted", async () => {
    const lines = lineFile({ maxSize: 4, keep: 2 });
    for (const text of ["1\n", "2\n", "3\n", "4\n", "5\n", "larger\n", "7\n"]) {
      await lines.append(text);
      await clock.sleep(1_000);
    }
    await lines.close();
    expect(await contents()).toEqual({
      "events-20261123T093005.000Z.jsonl": "5\n",
      "events-20261123T093006.000Z.jsonl": "larger\n",
      "events.jsonl": "7\n",
    });
  });

  test("is begun anew when it is old", async () => {
    const lines = lineFile({ maxAge: 60_000 });
    await lines.append("1\n");
    await clock.sleep(59_999);
    await lines.append("2\n");
    await clock.sleep(1);
    await lines.append("3\n");
    expect(await contents()).toEqual({ "events-20261123T093100.000Z.jsonl": "1\n2\n", "events.jsonl": "3\n" });
  });

  test("is packed when it is full, and what a crash has left half packed is packed again", async () => {
    await writeFile(join(folder, "events-20261122T000000.000Z.jsonl"), "0\n");
    await writeFile(join(folder, "events-20261122T000000.000Z.jsonl.gz.part"), "half");
    await writeFile(join(folder, "events-other.jsonl"), "not ours\n");
    const lines = lineFile({ maxSize: 2, gzip: true });
    await lines.append("1\n");
    await lines.append("2\n");
    await lines.close();
    expect(await contents()).toEqual({
      "events-20261122T000000.000Z.jsonl.gz": "0\n",
      "events-20261123T093000.000Z.jsonl.gz": "1\n",
      "events-other.jsonl": "not ours\n",
      "events.jsonl": "2\n",
    });
  });

  test("loses no file when two are full within a millisecond", async () => {
    const lines = lineFile({ maxSize: 2 });
    for (const text of ["1\n", "2\n", "3\n"]) await lines.append(text);
    expect(Object.values(await contents()).sort()).toEqual(["1\n", "2\n", "3\n"]);
  });

  test("is made again when somebody has moved it away, or cut it", async () => {
    const lines = lineFile();
    await lines.append("1\n");
    await rename(file, `${file}.1`);
    await lines.append("2\n");
    await writeFile(file, "");
    await lines.append("3\n");
    expect(await contents()).toEqual({ "events.jsonl": "3\n", "events.jsonl.1": "1\n" });
  });

  test.each([
    ["cuts off a line of its own that a crash has left without an end", '{"id":"a"}\n{"id":"b', '{"id":"a"}\n'],
    ["… and the very beginning of one", '{"id":"a"}\n{"', '{"id":"a"}\n'],
    ["… and one longer than is read at once", `{"id":"a"}\n{"id":"${"b".repeat(200_000)}`, '{"id":"a"}\n'],
    ["ends what somebody else has left", "my notes", "my notes\n"],
  ])("%s", async (_what, before, kept) => {
    await writeFile(file, before);
    await lineFile({ maxSize: 1e6 }).append('{"id":"c"}\n');
    expect(await readFile(file, "utf8")).toBe(`${kept}{"id":"c"}\n`);
  });

  test("holds nothing of what a full disk has cut, and goes on when there is room", async () => {
    const disk = { isFull: false };
    const lines = lineFile({}, filling(disk));
    await lines.append('{"id":"1"}\n');
    disk.isFull = true;
    await expect(lines.append('{"id":"2"}\n{"id":"3"}\n')).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await readFile(file, "utf8")).toBe('{"id":"1"}\n');
    disk.isFull = false;
    await lines.append('{"id":"2"}\n{"id":"3"}\n');
    expect(await readFile(file, "utf8")).toBe('{"id":"1"}\n{"id":"2"}\n{"id":"3"}\n');
  });

  test("is mended at the next line when not even that could be undone", async () => {
    const disk = { isFull: true, isReadOnly: true };
    const lines = lineFile({}, filling(disk));
    await expect(lines.append('{"id":"1"}\n')).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await readFile(file, "utf8")).toBe('{"id":');
    disk.isFull = false;
    disk.isReadOnly = false;
    await lines.append('{"id":"1"}\n');
    expect(await readFile(file, "utf8")).toBe('{"id":"1"}\n');
  });
});

/** Opens files of a disk that takes half of what is written while it is full. */
function filling(disk: { isFull: boolean; isReadOnly?: boolean }): typeof open {
  return async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    const { appendFile: append, truncate } = handle;
    handle.appendFile = async (data) => {
      if (!disk.isFull) return append.call(handle, data);
      await appendFile(path as string, String(data).slice(0, Math.ceil(String(data).length / 2)));
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    handle.truncate = async (length) => {
      if (disk.isReadOnly) throw Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
      return truncate.call(handle, length);
    };
    return handle;
  };
}
