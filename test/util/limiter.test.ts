import { expect, test } from "@jest/globals";
import { createLimiter } from "../../src/util/limiter.ts";

test("runs so many at a time, in their turn, also after one that fails", async () => {
  const limit = createLimiter(2);
  const [first, second] = [resolvers(), resolvers()];
  const begun: number[] = [];
  const run = (number: number, end: Promise<string>): Promise<string> =>
    limit(() => {
      begun.push(number);
      return end;
    });
  const results = [
    run(1, first.promise),
    run(2, second.promise),
    run(3, Promise.resolve("c")),
    run(4, Promise.resolve("d")),
  ];
  await Promise.resolve();
  expect(begun).toEqual([1, 2]);
  first.reject(new Error("no"));
  await expect(results[0]).rejects.toThrow("no");
  expect(await Promise.all(results.slice(2))).toEqual(["c", "d"]);
  expect(begun).toEqual([1, 2, 3, 4]);
  second.resolve("b");
  expect(await results[1]).toBe("b");
});

function resolvers() {
  let resolve = (_text: string): void => undefined;
  let reject = (_error: Error): void => undefined;
  const promise = new Promise<string>((done, fail) => {
    [resolve, reject] = [done, fail];
  });
  return { promise, resolve, reject };
}
