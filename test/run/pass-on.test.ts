import { Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { passOn } from "../../src/run/pass-on.ts";
import { deferred } from "../support/deferred.ts";
import { settled } from "../support/fake-clock.ts";

test("what was read ahead is passed on once when nothing more is read", async () => {
  const source = new Readable({ read: () => undefined });
  const gate = deferred();
  const [written, seen]: string[][] = [[], []];
  const passed = passOn(source, {
    write: async (bytes) => {
      written?.push(String(Buffer.from(bytes)));
      await gate.promise;
    },
    onBytes: (bytes) => void seen?.push(String(Buffer.from(bytes))),
  });
  source.push("first");
  await settled();
  source.push("rest");
  await settled();
  const stopping = passed.stop();
  gate.resolve();
  await stopping;

  expect({ written, seen }).toEqual({ written: ["first", "rest"], seen: ["first", "rest"] });
});
