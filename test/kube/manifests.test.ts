import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readManifests } from "../../src/kube/manifests.ts";
import { runCommand } from "../support/run-command.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "kev-manifests-"));
});
afterEach(() => rm(cwd, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(cwd, path)), { recursive: true });
  await writeFile(join(cwd, path), text);
}

function pod(name: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;
}

function found(name: string, source: string): object {
  return { apiVersion: "v1", kind: "Pod", name, source };
}

describe("readManifests", () => {
  beforeEach(async () => {
    await write("dir/b.yml", pod("b"));
    await write("dir/a.yaml", pod("a"));
    await write("dir/c.json", '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "c"}}');
    await write("dir/README.md", "not a manifest: [");
    await write("dir/.data/nested.yaml", pod("nested"));
    await symlink(".data", join(cwd, "dir", "linked.yaml.d"));
    await symlink(".data/nested.yaml", join(cwd, "dir", "link.yaml"));
    await write("pod.txt", pod("text"));
  });

  const inFolder = [
    found("a", "dir/a.yaml:1"),
    found("b", "dir/b.yml:1"),
    found("c", "dir/c.json:1"),
    found("nested", "dir/link.yaml:1"),
  ];

  test("a folder's manifests, sorted, links to files followed", async () => {
    expect(await readManifests(["dir"], { cwd })).toEqual(inFolder);
  });

  test("folders of folders when asked", async () => {
    expect(await readManifests(["dir"], { cwd, recursive: true })).toEqual([
      found("nested", "dir/.data/nested.yaml:1"),
      ...inFolder,
    ]);
  });

  test("files of any name, absolute paths and stdin, in the order given", async () => {
    const absolute = join(cwd, "dir/b.yml");
    const readStdin = (): Promise<string> => Promise.resolve(`---\n${pod("piped")}`);
    expect(await readManifests(["pod.txt", "-", absolute], { cwd, readStdin })).toEqual([
      found("text", "pod.txt:1"),
      found("piped", "STDIN:2"),
      found("b", `${absolute}:1`),
    ]);
  });

  test("patterns, of which a folder is read as a whole", async () => {
    await write("[a].yaml", pod("brackets"));
    const files = ["dir/?.y*ml", "d*", "[a].yaml"];
    expect(await readManifests(files, { cwd })).toEqual([
      found("a", "dir/a.yaml:1"),
      found("b", "dir/b.yml:1"),
      ...inFolder,
      found("brackets", "[a].yaml:1"),
    ]);
    expect(await readManifests([join(cwd, "dir", "[^a].yml")], { cwd: "/" })).toEqual([
      found("b", `${join(cwd, "dir/b.yml")}:1`),
    ]);
  });

  test("a FIFO, as a shell makes it for <(…)", async () => {
    execFileSync("mkfifo", [join(cwd, "fifo")]);
    const written = writeFile(join(cwd, "fifo"), pod("piped"));
    expect(await readManifests(["fifo"], { cwd })).toEqual([found("piped", "fifo:1")]);
    await written;
  });

  test("nobody waits for a FIFO after an abort", async () => {
    execFileSync("mkfifo", [join(cwd, "fifo")]);
    const program = `
      import { readManifests } from ${JSON.stringify(import.meta.resolve("../../src/kube/manifests.ts"))};
      const abort = new AbortController();
      setTimeout(() => abort.abort("enough"), 50);
      readManifests(["fifo"], { cwd: ".", signal: abort.signal }).catch((reason) => console.log(reason));`;
    expect(await runCommand(execPath, ["--input-type=module", "-e", program], { env: {}, cwd })).toMatchObject({
      stdout: "enough\n",
    });
  });

  test("standard input is not waited for after an abort", async () => {
    const readStdin = (): Promise<string> => new Promise(() => undefined);
    const abort = new AbortController();
    const reading = readManifests(["-"], { cwd, readStdin, signal: abort.signal });
    abort.abort("enough");
    await expect(reading).rejects.toBe("enough");
  });

  test("a file too long to be read is refused", async () => {
    await truncate(join(cwd, "pod.txt"), 256 * 2 ** 20 + 1);
    await expect(readManifests(["pod.txt"], { cwd })).rejects.toMatchObject({
      kind: "usage",
      message: 'the path "pod.txt" holds more than 256 MiB',
    });
    // Reading so much takes seconds on a busy machine.
  }, 30_000);

  test("an empty file is fine beside another", async () => {
    await write("empty.yaml", "---\n");
    expect(await readManifests(["empty.yaml", "pod.txt"], { cwd })).toEqual([found("text", "pod.txt:1")]);
  });

  test.each<[string[], string, string | undefined]>([
    [["none.yaml"], `the path "none.yaml" does not exist`, undefined],
    [["*.none"], `the path "*.none" does not exist`, undefined],
    [["d["], `pattern "d[" is not valid: syntax error in pattern`, undefined],
    [
      ["pod.txt/x"],
      `the path "pod.txt/x" cannot be accessed: ENOTDIR: not a directory, stat 'CWD/pod.txt/x'`,
      undefined,
    ],
    [["-", "-"], "standard input cannot be used for multiple arguments", undefined],
    [["-"], "standard input cannot be used here", undefined],
    [["empty"], "no objects passed to approve", undefined],
    [["folder"], "error reading [folder]: recognized file extensions are [.json .yaml .yml]", undefined],
    [
      ["pod.txt", "https://x.test/a.yaml"],
      "kev does not fetch manifests from URLs: https://x.test/a.yaml",
      "download it first: curl -fsSL https://x.test/a.yaml | kev approve … -f -",
    ],
    [["pod.txt", "broken"], "broken:1: Object 'Kind' is missing", undefined],
  ])("refuses %j", async (files, message, hint) => {
    await write("empty", "");
    await write("broken", "a: 1");
    await mkdir(join(cwd, "folder"));
    await expect(readManifests(files, { cwd, command: "approve" })).rejects.toMatchObject({
      kind: "usage",
      message: message.replace("CWD", cwd),
      hint,
    });
  });
});
