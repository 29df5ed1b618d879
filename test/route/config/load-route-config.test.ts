import { describe, expect, test } from "@jest/globals";
import { loadRouteConfig } from "../../../src/route/config/load-route-config.ts";
import type { RouteConfig, RouteNode } from "../../../src/route/config/route-config.ts";
import { KevError } from "../../../src/util/errors.ts";
import { fakeSinkTypes } from "../../support/fake-sink-types.ts";
import { sinkServices } from "../../support/sink-services.ts";

const files: Record<string, string> = { "/etc/kev/token": "s3cr3t-token\n", "/etc/kev/empty": "\n" };
const env = { CHAT_URL: "https://chat.example.com/hooks/T0/abc", BAD_URL: "ftp://chat.example.com/T0/abc", EMPTY: "" };

function load(text: string): Promise<RouteConfig> {
  return loadRouteConfig(text, {
    path: "routes.yaml",
    sinkTypes: fakeSinkTypes,
    services: sinkServices({ env, cwd: "/etc/kev" }),
    readFile: async (file) => {
      const content = files[file];
      if (content === undefined) throw Object.assign(new Error("none"), { code: "ENOENT" });
      return content;
    },
  });
}

async function problems(text: string): Promise<string> {
  try {
    await load(text);
  } catch (error) {
    if (!(error instanceof KevError)) throw error;
    expect({ kind: error.kind, prefix: error.prefix }).toEqual({ kind: "usage", prefix: "" });
    return error.message;
  }
  return "no problems";
}

/** A tree as one can read it. */
function outline({ name, match, drop, sinks, repeats, routes }: RouteNode): unknown {
  const rules = (list: RouteNode["match"]): string[] =>
    list.map(({ conditions }) => conditions.map(({ field, wanted }) => `${field}: ${wanted}`).join(" and "));
  return { name, match: rules(match), drop: rules(drop), sinks, repeats, routes: routes.map(outline) };
}

describe("a file without problems", () => {
  test("is read with everything filled in", async () => {
    const config = await load(`
cluster: prod-eu
objects: { cache: 50, maxAge: 1m }
routes:
  - name: failures
    match: { type: Warning, namespace: { not: [kube-system, /test-.*/] }, minCount: 3 }
    sinks: [chat, lines]
    repeats: every 10m
    routes:
      - match: [ { kind: Pod, reason: [BackOff, /Failed.*/] }, { labels: { app: { exists: true } } } ]
        drop: { owner: { kind: Job }, annotations.example.com/quiet: "true" }
        sinks: lines
        repeats: first
  - sinks: [lines]
sinks:
  chat:
    type: chat
    url: { fromEnv: CHAT_URL }
    auth: { user: kev, password: { fromFile: token } }
    timeout: 10s
    batch: { events: 5, bytes: 1MiB, wait: 2s }
    retry: { first: 1s, longest: 2m, giveUpAfter: 1h }
    fallback: spare
    deadLetters: dead.jsonl
    queue: { events: 100000, bytes: 100MiB, onFull: drop }
  lines: { type: lines }
  spare: { type: lines, retry: { longest: 100ms } }
`);
    expect(config.routes.map(outline)).toEqual([
      {
        name: "failures",
        match: ["type: Warning and namespace: not one of kube-system, /test-.*/ and minCount: 3"],
        drop: [],
        sinks: ["chat", "lines"],
        repeats: { every: 600_000 },
        routes: [
          {
            name: "routes[0].routes[0]",
            match: ["kind: Pod and reason: one of BackOff, /Failed.*/", "labels.app: any"],
            drop: ["owner: kind Job and annotations.example.com/quiet: true"],
            sinks: ["lines"],
            repeats: "first",
            routes: [],
          },
        ],
      },
      { name: "routes[1]", match: [], drop: [], sinks: ["lines"], repeats: "all", routes: [] },
    ]);
    const { routes: _, ...rest } = config;
    const queue = { events: 1_000_000, bytes: 1_073_741_824, onFull: "wait" };
    const standard = { timeout: 30_000, fallback: undefined, deadLetters: undefined, queue };
    expect(rest).toEqual({
      cluster: "prod-eu",
      objects: { read: true, always: false, cache: 50, maxAge: 60_000 },
      sinks: [
        {
          name: "chat",
          type: "chat",
          options: {
            url: new URL("https://chat.example.com/hooks/T0/abc"),
            text: "{{ event.message }}",
            auth: { user: "kev", password: "s3cr3t-token" },
          },
          delivery: {
            batch: { events: 5, bytes: 1_048_576, wait: 2_000 },
            timeout: 10_000,
            retry: { first: 1_000, longest: 120_000, giveUpAfter: 3_600_000 },
            fallback: "spare",
            deadLetters: "/etc/kev/dead.jsonl",
            queue: { events: 100_000, bytes: 104_857_600, onFull: "drop" },
          },
        },
        {
          name: "lines",
          type: "lines",
          options: {},
          delivery: {
            ...standard,
            batch: { events: 1, bytes: 1_048_576, wait: 0 },
            retry: { first: 500, longest: 60_000, giveUpAfter: undefined },
          },
        },
        {
          name: "spare",
          type: "lines",
          options: {},
          delivery: {
            ...standard,
            batch: { events: 1, bytes: 1_048_576, wait: 0 },
            retry: { first: 100, longest: 100, giveUpAfter: undefined },
          },
        },
      ],
      secrets: ["https://chat.example.com/hooks/T0/abc", "s3cr3t-token"],
    });
  });

  test("may be JSON, and says little", async () => {
    const { routes, objects, sinks } = await load(
      '{"routes": [{"sinks": "out"}], "sinks": {"out": {"type": "lines"}}}',
    );
    expect(routes.map(outline)).toEqual([
      { name: "routes[0]", match: [], drop: [], sinks: ["out"], repeats: "all", routes: [] },
    ]);
    expect(objects).toEqual({ read: false, always: false, cache: 1_000, maxAge: 300_000 });
    expect(sinks.map(({ name }) => name)).toEqual(["out"]);
  });

  test("has a type's own batch limits where it says none", async () => {
    const { sinks } = await load(`
routes: [ { sinks: [chat] } ]
sinks: { chat: { type: chat, url: "https://chat.example.com/x" } }
`);
    expect(sinks[0]?.delivery.batch).toEqual({ events: 20, bytes: 65_536, wait: 1_000 });
  });
});

describe("every problem is reported at its place", () => {
  test("of routes", async () => {
    const text = `cluter: x
objects: { cache: 0, maxAge: 0s, read: maybe }
routes:
  - name: a b
    match: { type: warning, resaon: X, minCount: 0, kind: 5, labels: { app: true }, message: "/(/" }
    sinks: [chat, caht, chat]
    repeats: every ten minutes
  - name: twice
    match: []
    drop: [{}, { reason: [] }, { reason: [1, "/a{5000}/"] }]
    sinks: [lines]
  - name: twice
    repeats: first
    routes: []
  - match: { namespace: { not: a, exists: true }, name: { exists: true }, reason: { not: { not: a } }, labels.: x }
    sinks: {}
  - match: { owner: { kid: Pod }, eventLabels: { a: { exist: true } }, annotations.a: {} }
    sinks: [ 3 ]
    routes: x
  - text
sinks:
  chat: { type: lines }
  lines: { type: lines }
`;
    expect(
      await problems(text),
    ).toBe(`routes.yaml:1:1: unknown key "cluter" in the routing file, did you mean "cluster"?
routes.yaml:2:19: cache must be a whole number from 1 on, not "0"
routes.yaml:2:30: maxAge must be at least 1ms, not "0s"
routes.yaml:2:40: read must be true or false, not "maybe"
routes.yaml:4:11: name "a b" must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends
routes.yaml:5:20: type "warning" is no type of events, did you mean "Warning"?
routes.yaml:5:29: unknown key "resaon" in match, did you mean "reason"?
routes.yaml:5:50: minCount must be a whole number from 1 on, not "0"
routes.yaml:5:59: kind must be a string or a list of them, not a number: write "5"
routes.yaml:5:77: labels.app must be a string or a list of them, not a boolean: write "true"
routes.yaml:5:94: message: /(/ is not a regular expression of RE2: missing closing ): \`(\`
routes.yaml:6:19: there is no sink "caht", did you mean "chat"?
routes.yaml:6:25: sink "chat" is named twice
routes.yaml:7:14: repeats must be "all", "first" or "every" and a duration, like "every 10m", not "every ten minutes"
routes.yaml:9:12: match is an empty list
routes.yaml:10:12: a rule without conditions would drop everything
routes.yaml:10:26: reason is an empty list, which nothing is one of
routes.yaml:10:43: each of reason must be a string, not a number: write "1"
routes.yaml:10:46: reason: /a{5000}/ is not a regular expression of RE2: invalid repeat count: \`{5000}\`
routes.yaml:12:11: the name "twice" is taken by the route on line 8
routes.yaml:13:14: repeats are for the sinks of routes[2], which has none
routes.yaml:14:13: routes[2].routes is empty
routes.yaml:15:35: "exists" is for labels, annotations and owners; a namespace that is not there is ""
routes.yaml:15:59: "exists" is for labels, annotations and owners; a name that is not there is ""
routes.yaml:15:90: reason can be negated once
routes.yaml:15:104: unknown key "labels." in match, did you mean "labels"?
routes.yaml:16:12: the name of a sink must be a string, not a map
routes.yaml:17:23: unknown key "kid" in owner, did you mean "kind"?
routes.yaml:17:55: unknown key "exist" in eventLabels.a, did you mean "exists"?
routes.yaml:17:87: annotations.a is empty
routes.yaml:18:14: the name of a sink must be a string, not a number: write "3"
routes.yaml:19:13: routes[4].routes must be a list of routes
routes.yaml:20:5: routes[5] must be a map, not a string`);
  });

  test("of regular expressions that are written as texts", async () => {
    const text = `routes:
  - match: { reason: "Approval.*", name: [ui, "^db"], kind: { not: "Pod|Job" }, message: "a.*" }
    sinks: [a]
sinks: { a: { type: lines } }
`;
    expect(
      await problems(text),
    ).toBe(`routes.yaml:2:22: reason: no reason is "Approval.*" to the letter; a regular expression is written /Approval.*/
routes.yaml:2:47: name: no name is "^db" to the letter; a regular expression is written /^db/
routes.yaml:2:68: kind: no kind is "Pod|Job" to the letter; a regular expression is written /Pod|Job/`);
  });

  test("of secrets that are asked for as other tools are", async () => {
    const text = `routes:
  - sinks: [a, b]
sinks:
  a: { type: chat, url: "\${CHAT_URL}", headers: { Authorization: "Bearer \${TOKEN}" }, text: "costs \${x} for \${y}" }
  b: { type: chat, url: { env: CHAT_URL } }
`;
    expect(
      await problems(text),
    ).toBe(`routes.yaml:4:25: variables in a text are not filled in; the whole of a value may be one: { fromEnv: CHAT_URL }
routes.yaml:4:66: variables in a text are not filled in; the whole of a value may be one: { fromEnv: TOKEN }
routes.yaml:5:25: url must be a string, not a map; a secret is { fromEnv: NAME } or { fromFile: PATH }`);
  });

  test("of sinks", async () => {
    const text = `routes:
  - sinks: [a, b, c, d, e, f, g, h, i, j, k]
sinks:
  a: { type: chta, url: x }
  b: { url: "https://chat.example.com/x" }
  c: { type: nothing-like-it }
  d: { type: chat }
  e: { type: chat, url: { fromEnv: NOT_SET }, auth: { user: 1, password: { fromFile: nowhere } }, uri: x, txet: y }
  f:
    type: chat
    url: { fromEnv: BAD_URL }
    headers: { "X Y": a, X-Count: 3 }
    tls: { minVersion: "1.1", caFlie: x }
    brokers: a
    limit: many
    text: "{{ event.reason | nope }}"
    tiemout: 1s
  g: { type: chat, url: "https://chat.example.com/x", text: "{{ event.reason | nope }}", brokers: [a, 2], auth: 3 }
  h: { type: chat, url: "https://chat.example.com/x", text: "{{ event.reason | nope }}" }
  i: { type: chat, url: "https://chat.example.com/x", channel: "" }
  j: { type: missing }
  k: { type: lines, timeout: 0s, batch: { events: 0, bytes: x, wait: -1s }, retry: { first: 2m, longest: 1m, giveUpAfter: 1h },
       fallback: nobody, deadLetters: "", queue: { onFull: dorp, events: many } }
  l: { type: lines, fallback: m, retry: { first: 1s, giveUpAfter: 500ms } }
  m: { type: lines, fallback: n, batch: { wait: 1s } }
  n: { type: lines, fallback: l }
  "o p": { type: chat, url: { fromEnv: EMPTY }, text: { fromFile: empty }, channel: { fromFile: [] } }
  q: x
`;
    expect(await problems(text)).toBe(`routes.yaml:4:14: there is no sink of type "chta", did you mean "chat"?
routes.yaml:5:3: sink "b" has no type
routes.yaml:6:14: there is no sink of type "nothing-like-it", there are chat, lines, missing
routes.yaml:7:3: sink "d" has no url
routes.yaml:8:27: the environment variable NOT_SET is not set
routes.yaml:8:61: auth.user must be a string, not a number: write "1"
routes.yaml:8:76: open nowhere: no such file or directory
routes.yaml:8:99: unknown key "uri" in sink "e", did you mean "url"?
routes.yaml:8:107: unknown key "txet" in sink "e", did you mean "text"?
routes.yaml:11:10: url must start with https:// or http://
routes.yaml:12:16: headers.X Y must be the name of a header
routes.yaml:12:35: headers.X-Count must be a string, not a number: write "3"
routes.yaml:13:24: tls.minVersion must be 1.2 or 1.3, did you mean "1.2"?
routes.yaml:13:31: unknown key "caFlie" in tls, did you mean "caFile"?
routes.yaml:14:14: brokers must be a list, not a string
routes.yaml:15:12: limit must be a size such as 1MiB, 500kB or 4096
routes.yaml:16:11: text: undefined filter: nope (line 1, column 1)
routes.yaml:17:5: unknown key "tiemout" in sink "f", did you mean "timeout"?
routes.yaml:18:61: text: undefined filter: nope (line 1, column 1)
routes.yaml:18:103: brokers[1] must be a string, not a number: write "2"
routes.yaml:18:113: auth must be a string or a map
routes.yaml:19:61: text: undefined filter: nope (line 1, column 1)
routes.yaml:20:3: sink "i": channel is nobody's
routes.yaml:21:3: sink "j": a sink of type missing needs the package no-such-client (npm install no-such-client)
routes.yaml:22:30: timeout must be at least 1ms, not "0s"
routes.yaml:22:51: events must be a whole number from 1 on, not "0"
routes.yaml:22:61: bytes must be a size like "100MiB" or "4096", not "x"
routes.yaml:22:70: wait must be a duration like "30s" or "2m", not "-1s"
routes.yaml:22:106: retry.longest is shorter than retry.first, so that no wait could reach it
routes.yaml:23:18: there is no sink "nobody", there are a, b, c, d, e, f, g, h, i, j, k, l, m, n, o p, q
routes.yaml:23:39: deadLetters is empty
routes.yaml:23:60: onFull must be wait or drop, not "dorp", did you mean "drop"?
routes.yaml:23:74: events must be a whole number from 1 on, not "many"
routes.yaml:24:3: no route leads to sink "l"
routes.yaml:24:67: retry.giveUpAfter is over before retry.first is, so that nothing would be tried twice
routes.yaml:25:3: no route leads to sink "m"
routes.yaml:25:49: batch.wait is for batches of several events: say how many in batch.events
routes.yaml:26:3: no route leads to sink "n"
routes.yaml:26:31: the fallback leads back: l → m → n → l
routes.yaml:27:3: the name of a sink, "o p" must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends
routes.yaml:27:3: no route leads to sink "o p"
routes.yaml:27:31: the environment variable EMPTY is empty
routes.yaml:27:57: the file empty is empty
routes.yaml:27:97: fromFile must be a string, not a list
routes.yaml:28:3: no route leads to sink "q"
routes.yaml:28:6: sink "q" must be a map, not a string`);
  });

  test.each([
    ["", "routes.yaml:1:1: the routing file has no routes\nroutes.yaml:1:1: the routing file has no sinks"],
    ["null", "routes.yaml:1:1: the routing file has no routes\nroutes.yaml:1:1: the routing file has no sinks"],
    ["routes: [{sinks: a}]\nsinks:\n  a:\n", 'routes.yaml:3:3: sink "a" has no type'],
    [
      "routes: [null, {sinks: a}]\nsinks: { a: { type: lines } }",
      "routes.yaml:1:10: routes[0] leads nowhere: it has neither sinks nor routes",
    ],
    [
      "routes: [{sinks: a, match: {reason: /x.*/i, message: /y/gi}}]\nsinks: { a: { type: lines } }",
      `routes.yaml:1:37: reason: /x.*/i is a regular expression with flags behind it; write /(?i)x.*/
routes.yaml:1:54: message: /y/gi is a regular expression with flags behind it; flags stand in front: (?i) for any case`,
    ],
    ["[]", "routes.yaml:1:1: the routing file must be a map, not a list"],
    [
      "routes:\nsinks:\n  a: { type: lines }",
      'routes.yaml:1:8: routes must be a list of routes\nroutes.yaml:3:3: no route leads to sink "a"',
    ],
    [
      "routes: [{sinks: a}]\nsinks:\n",
      'routes.yaml:1:18: there is no sink "a", there are none\nroutes.yaml:2:7: sinks is empty',
    ],
    ["routes: [{sinks: a}]\n---\nsinks: {}", "routes.yaml:2:1: only one YAML document may stand in a routing file"],
    [
      "routes: [{match: {reason: [a, /x{2}/]}, sinks: a}]\nsinks: {a: {type: lines}}",
      `routes.yaml:1:33: Missing , or : between flow sequence items; put regular expressions in quotes
routes.yaml:1:36: Unexpected scalar at node end; put regular expressions in quotes`,
    ],
    [
      "routes: [{sinks: a}]\nsinks: {a: {type: lines, fallback: a}}",
      "routes.yaml:2:36: the fallback leads back: a → a",
    ],
    [
      "routes: [{sinks: a}]\nsinks: {a: {type: lines, retry: {giveUpAfter: 1h}}}",
      "routes.yaml:2:47: retry.giveUpAfter needs a fallback or deadLetters: without, nothing is ever given up",
    ],
  ])("%j", async (text, message) => {
    expect(await problems(text)).toBe(message);
  });

  test("without what a variable or a file holds", async () => {
    const text = `
routes: [{ sinks: [a] }]
sinks: { a: { type: { fromEnv: CHAT_URL } } }
`;
    expect(await problems(text)).toBe(
      'routes.yaml:3:21: there is no sink of type "***", there are chat, lines, missing',
    );
  });
});
