import { expect, test } from "@jest/globals";
import { parseByteSize } from "../../src/util/byte-size.ts";

test.each([
  ["4096", 4_096],
  ["1B", 1],
  ["500kB", 500_000],
  ["1.5MB", 1_500_000],
  ["2 GB", 2_000_000_000],
  ["0.5KiB", 512],
  ["100MiB", 104_857_600],
  ["1GiB", 1_073_741_824],
  ["0", 0],
  ["", undefined],
  ["MiB", undefined],
  ["-1", undefined],
  ["1 mib", undefined],
  ["1Mi", undefined],
])("%j is %p bytes", (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});
