import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import {
  byteSize,
  duration,
  headerMap,
  headerTemplates,
  httpFields,
  httpUrl,
  secret,
  template,
} from "../../src/sinks/fields.ts";

const all = z.strictObject({
  url: httpUrl("url", { secret: true }).optional(),
  every: duration("every").prefault("1m"),
  size: byteSize("size").prefault("1MiB"),
  key: secret("key").optional(),
  text: template("text").optional(),
  map: headerMap("map").optional(),
  changing: headerTemplates("changing").optional(),
  ...httpFields,
});

function problems(options: unknown): string[] {
  return all.safeParse(options).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

describe("fields of sinks", () => {
  test("are read", () => {
    const options = { url: "https://example.com/a?b", every: "1h30m", size: "1.5 kB", tls: {}, map: { "X-A": "1" } };
    expect(all.parse(options)).toEqual({
      url: new URL("https://example.com/a?b"),
      every: 5_400_000,
      size: 1_500,
      tls: { insecureSkipVerify: false },
      map: { "X-A": "1" },
    });
    expect(all.parse({})).toEqual({ every: 60_000, size: 1_048_576 });
  });

  test.each([
    ["1", 1],
    [4096, 4096],
    ["500kB", 500_000],
    ["2GiB", 2_147_483_648],
    ["10 MB", 10_000_000],
  ])("the size %j", (size, bytes) => {
    expect(all.parse({ size }).size).toBe(bytes);
  });

  test.each([
    [{ url: "example.com" }, "url: must be a URL such as https://example.com/path"],
    [{ url: "ftp://t0ken@example.com" }, "url: must start with https:// or http://"],
    [{ url: "https://me:t0ken@example.com" }, "url: must hold no user and no password: they belong into basicAuth"],
    [{ url: "https://example.com/#t0ken" }, "url: must hold no fragment (#…)"],
    [{ every: "5" }, "every: must be a duration such as 30s or 1h30m"],
    [{ every: "0" }, "every: must be at least 1ms"],
    [{ every: "-1s" }, "every: must be at least 1ms"],
    [{ size: "0" }, "size: must be a size such as 1MiB, 500kB or 4096"],
    [{ size: "1mb" }, "size: must be a size such as 1MiB, 500kB or 4096"],
    [{ size: -1 }, "size: must be a size such as 1MiB, 500kB or 4096"],
    [{ key: "" }, "key: must not be empty"],
    [{ map: { "X-A": "a\nb" } }, "map.X-A: must hold no line break and no control character"],
    [{ tls: { certFile: "a" } }, "tls: certFile and keyFile need each other"],
  ])("%j is refused, without its value", (options, problem) => {
    expect(problems(options)).toEqual([problem]);
  });

  test("refuses what is no name of a header", () => {
    expect(all.safeParse({ map: { "X A": "1" } }).success).toBe(false);
    expect(all.safeParse({ changing: { "X:A": "1" } }).success).toBe(false);
  });

  test("say of themselves what they are, and their defaults as one writes them", () => {
    const { properties } = z.toJSONSchema(all, { io: "input" });
    expect(properties).toMatchObject({
      url: { type: "string", description: "url", secret: true },
      every: { type: "string", description: "every", default: "1m" },
      size: { description: "size", default: "1MiB" },
      key: { description: "key", secret: true },
      text: { description: "text", template: true },
      map: { description: "map", secret: true },
      changing: { description: "changing", secret: true, template: true },
      bearerToken: { secret: true },
      basicAuth: { properties: { password: { secret: true } } },
    });
  });
});
