import { describe, expect, test } from "@jest/globals";
import { createMasking } from "../../src/run/masking.ts";
import { secretsOfEnv } from "../../src/run/secrets-of-env.ts";

const masked = (line: string, patterns: readonly string[] = [], secrets: readonly string[] = []): string =>
  createMasking(
    patterns.map((pattern) => ({ pattern, source: "--mask" })),
    secrets,
  )(line);

describe("a mask", () => {
  test.each<[pattern: string, line: string, shown: string]>([
    ["hunter\\d", "password hunter2, hunter3", "password ***, ***"],
    // With groups only what they matched.
    ["--password[= ](\\S+)", "deploy --password=hunter2 --fast", "deploy --password=*** --fast"],
    ["(\\w+):(\\w+)@", "as jane:hunter2@db", "as ***:***@db"],
    ["user=(\\w+)|pass=(\\w+)", "user=jane pass=x", "user=*** pass=***"],
    // One inside of another, and nothing at all.
    ["(a(b)c)", "abc", "***"],
    ["x*", "aXxb", "aX***b"],
    ["(?i)SECRET", "my secret", "my ***"],
    ["nothing", "all of it", "all of it"],
    ["\\$", "$1", "***1"],
  ])("%s in %s", (pattern, line, shown) => {
    expect(masked(line, [pattern])).toBe(shown);
  });

  test("that takes an attacker's text for hours in other regular expressions", () => {
    expect(masked(`${"a".repeat(10_000)}!`, ["(?:a+)+$"])).toBe(`${"a".repeat(10_000)}!`);
  });

  test("that is no regular expression says where it stands", () => {
    expect(() => createMasking([{ pattern: "(", source: "kev.yaml:3:5" }], [])).toThrow(
      "kev.yaml:3:5: ( is not a regular expression of RE2: missing closing ): `(`",
    );
  });
});

test("passwords of URLs are hidden without being asked for, and nothing else of them", () => {
  expect(masked("dial postgres://app:p%40ss@db:5432/x?a=b failed")).toBe(
    "dial postgres://app:***@db:5432/x?a=b failed",
  );
  expect(masked("dial redis://:hunter2@cache")).toBe("dial redis://:***@cache");
  expect(masked("see https://example.com:8443/a:b@c and mail me@example.com")).toBe(
    "see https://example.com:8443/a:b@c and mail me@example.com",
  );
});

test("secrets are hidden wherever they stand, the longest first", () => {
  expect(masked("tokentoken-2 token", [], ["token", "token-2"])).toBe("****** ***");
});

test("secrets of the environment are the values of variables that are named like secrets", () => {
  const env = {
    GITHUB_TOKEN: "ghp_abcdef",
    PGPASSWORD: "p@ss word",
    AWS_SECRET_ACCESS_KEY: "aws/key+1",
    MYSQL_PWD: "mysql-pwd",
    DATABASE_DSN: "sentry-dsn",
    SIGNING_KEY: "-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----\n",
    // Too short to be told from other text; not named like secrets.
    API_KEY: "true",
    EMPTY_TOKEN: "",
    PWD: "/home/jane",
    OLDPWD: "/home/jane/old",
    PASSENGERS: "thirteen",
    SSH_AUTH_SOCK: "/tmp/agent.1",
    PATH: "/usr/bin:/bin",
    KEYBOARD: "qwertz-layout",
    UNSET_TOKEN: undefined,
  };

  expect(secretsOfEnv(env).sort()).toEqual(
    [
      "ghp_abcdef",
      "p@ss word",
      "p%40ss%20word",
      "aws/key+1",
      "aws%2Fkey%2B1",
      "mysql-pwd",
      "sentry-dsn",
      "-----BEGIN KEY-----",
      "-----BEGIN%20KEY-----",
      "MIIEvQIBADAN",
      "-----END KEY-----",
      "-----END%20KEY-----",
    ].sort(),
  );
});
