import { appendFile, mkdir, mkdtemp, readFile, rm, rmdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createDeadLetters, type DeadLetters } from "../../../src/route/delivery/dead-letters.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { bareDelivery } from "../../support/sample-delivery.ts";

let folder: string;
let file: string;
let deadLetters: DeadLetters;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-dead-"));
  file = join(folder, "deep", "dead.jsonl");
  deadLetters = createDeadLetters(file, fakeClock("2026-11-23T09:30:00Z"));
});
afterEach(() => rm(folder, { recursive: true }));

const refused = (name: string) => ({ delivery: bareDelivery(name), reason: "too\nlong" });
const line = (name: string) =>
  `${JSON.stringify({ sink: "chat", reason: "too\nlong", refusedAt: "2026-11-23T09:30:00.000Z", ...bareDelivery(name) })}\n`;

test("are lines of their user's alone, one for each delivery, behind those that are there", async () => {
  await deadLetters.add("chat", [refused("a"), refused("b")]);
  await createDeadLetters(file, fakeClock("2026-11-23T09:30:00Z")).add("chat", [refused("c")]);
  expect(await readFile(file, "utf8")).toBe(line("a") + line("b") + line("c"));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("begin on a line of their own behind one that a crash has left unfinished", async () => {
  await mkdir(dirname(file));
  await appendFile(file, '{"sink":"ch');
  await deadLetters.add("chat", [refused("a")]);
  expect(await readFile(file, "utf8")).toBe(`{"sink":"ch\n${line("a")}`);
});

test("that cannot be written are tried again by the caller", async () => {
  await mkdir(file, { recursive: true });
  await expect(deadLetters.add("chat", [refused("a")])).rejects.toMatchObject({
    name: "SendError",
    retriable: true,
    message: `dead letters cannot be kept: read ${file}: is a directory`,
  });
  await rmdir(file);
  await deadLetters.add("chat", [refused("a")]);
  expect(await readFile(file, "utf8")).toBe(line("a"));
});
