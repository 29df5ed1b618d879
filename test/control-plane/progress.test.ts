import { expect, test } from "@jest/globals";
import { type Terminal, terminalProgress } from "./progress.ts";

function recorder(terminal: Omit<Terminal, "write">) {
  const written: string[] = [];
  return { written, terminal: { ...terminal, write: (text: string) => written.push(text) } };
}

test("a pipe gets one line per task", () => {
  const { written, terminal } = recorder({ isTTY: false });
  const progress = terminalProgress(terminal, () => 0);

  progress.begin("Building etcd (1 of 2)");
  progress.step({ kind: "compile", name: "fmt" });
  progress.begin("Building kubectl (2 of 2)");
  progress.end();

  expect(written).toEqual(["Building etcd (1 of 2)\n", "Building kubectl (2 of 2)\n"]);
});

test("a terminal gets one line, redrawn at most every 100 ms, cut to its width and cleared in the end", () => {
  let time = 5000;
  const { written, terminal } = recorder({ isTTY: true, columns: 44 });
  const progress = terminalProgress(terminal, () => time);

  progress.begin("Building etcd");
  progress.step({ kind: "download", name: "a.example/b" });
  time = 66_100;
  progress.step({ kind: "compile", name: "go.example/a/long/name" });
  progress.end();

  expect(written).toEqual([
    "\r\x1b[KBuilding etcd: 0 s, 0 packages",
    "\r\x1b[KBuilding etcd: 61 s, 1 packages, go.example",
    "\r\x1b[K",
  ]);
});
