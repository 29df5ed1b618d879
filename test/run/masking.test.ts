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

test.each<[what: string, secret: string, printed: string]>([
  ["as it is", "p@ss w%rd", "p@ss w%rd"],
  ["in a URL", "p@ss w%rd", "p%40ss%20w%25rd"],
  ["in a form", "p@ss w%rd", "p%40ss+w%25rd"],
  ["in JSON", 'p@ss w%rd"x', JSON.stringify('p@ss w%rd"x').slice(1, -1)],
  ["in Go's JSON", "a&b<c>d", "a\\u0026b\\u003cc\\u003ed"],
  ["in Python's JSON", "gr\u00fcn-\u00e4pfel", "gr\\u00fcn-\\u00e4pfel"],
  ["of several lines in JSON", "-----BEGIN-----\nMIIE\n", "-----BEGIN-----\\nMIIE\\n"],
  ["in a shell's quotes", "it's me", "it'\\''s me"],
  ["in quotes of code", "it's me\\", "it\\'s me\\\\"],
  ["with a tab, as lines are shown", "one\ttwo", "one two"],
])("a secret %s is hidden", (_what, secret, printed) => {
  expect(masked(`<${printed}>`, [], [secret])).toBe("<***>");
});

test.each(["", "u", "us", "user:"])(
  "a secret is hidden in base64 behind %j, but for what it shares with others",
  (user) => {
    const secret = "hunter2-hunter2?\u00fc";
    for (const encoding of ["base64", "base64url"] as const) {
      const printed = Buffer.from(`${user}${secret}; more`).toString(encoding);

      expect(masked(`Basic ${printed}`, [], [secret])).toMatch(/^Basic [\w-]{0,8}\*\*\*[\w=-]{7,11}$/);
    }
  },
);

test.each<[line: string, shown: string]>([
  // Cut at any place of it.
  ["…hunter2 swordfish END", "…*** END"],
  ["…fish END", "…*** END"],
  ["…h END", "…*** END"],
  ["…sword END", "…sword END"],
  ["fish END", "fish END"],
  ["…fish hunter2 swordfish END", "…*** *** END"],
  // Not yet written to its end.
  ["END hunter2 sword", "END ***"],
  ["END hunter", "END ***"],
  ["END hunt", "END hunt"],
  ["END hunter2 sworn", "END hunter2 sworn"],
  ["…fish hunter2", "…*** ***"],
])("parts of a secret at the ends of a line are hidden: %s", (line, shown) => {
  expect(masked(line, [], ["hunter2 swordfish"])).toBe(shown);
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
      "aws/key+1",
      "mysql-pwd",
      "sentry-dsn",
      "-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----",
      "-----BEGIN KEY-----",
      "MIIEvQIBADAN",
      "-----END KEY-----",
    ].sort(),
  );
});
