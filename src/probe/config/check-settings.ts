import { parseByteSize } from "../../util/byte-size.ts";
import { compileRegex } from "../../util/compile-regex.ts";
import { parseGoDuration } from "../../util/duration.ts";
import { parseUrl } from "../../util/parse-url.ts";
import type { CheckSettings, RedirectPolicy, StatusRange } from "../target.ts";

/** What is looked for in a text. */
export interface TextMatcher {
  /** As it was written. */
  readonly source: string;
  matches(text: string): boolean;
}

/** A setting that is one word: on the command line the value of a flag, in a file a scalar. */
export interface WordSetting<Value> {
  /** Of the flag, without `--`. */
  readonly flag: string;
  /** What a good value is: `a duration of 1s or more, like 10s`. */
  readonly expects: string;
  /** Undefined for what is none; a problem where more can be said of it. */
  parse(text: string): Value | undefined | SettingProblem;
}

export class SettingProblem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type WordKey = Exclude<keyof CheckSettings, "headers" | "tls">;

const redirectPolicies: readonly RedirectPolicy[] = ["follow", "same-host", "none"];
/** Shorter ones would be a load test. */
const leastInterval = 1_000;
/** Node's timers, and the server's patience, have an end. */
const longestTimeout = 3_600_000;

/** All settings that are one word, by their name in a file. */
export const wordSettings: { readonly [Key in WordKey]: WordSetting<NonNullable<CheckSettings[Key]>> } = {
  interval: {
    flag: "interval",
    expects: "a duration of 1s or more, like 10s",
    parse: (text) => atLeast(leastInterval, parseGoDuration(text)),
  },
  jitter: {
    flag: "jitter",
    expects: "a duration, like 1s or 0s",
    parse: (text) => atLeast(0, parseGoDuration(text)),
  },
  timeout: {
    flag: "timeout",
    expects: "a duration from 10ms to 1h, like 5s",
    parse: (text) => within(10, longestTimeout, parseGoDuration(text)),
  },
  failures: { flag: "failures", expects: "a number from 1 to 999", parse: wholeNumber },
  successes: { flag: "successes", expects: "a number from 1 to 999", parse: wholeNumber },
  expectStatus: {
    flag: "expect-status",
    expects: "statuses such as 200, 2xx or 200-399, with commas between them",
    parse: parseStatuses,
  },
  expectBody: { flag: "expect-body", expects: "a regular expression of RE2", parse: parseMatcher },
  bodyLimit: {
    flag: "body-limit",
    expects: "a size from 1 on, like 1MiB",
    parse: (text) => atLeast(1, parseByteSize(text)),
  },
  method: {
    flag: "method",
    expects: "a method of HTTP without a body, like GET or HEAD",
    parse: (text) => (/^(GET|HEAD|OPTIONS|POST|PUT)$/.test(text) ? text : undefined),
  },
  redirects: {
    flag: "redirects",
    expects: "follow, same-host or none",
    parse: (text) => redirectPolicies.find((policy) => policy === text),
  },
  proxy: { flag: "proxy", expects: "a URL of http, https or socks5, or none", parse: parseProxy },
  connectTo: { flag: "connect-to", expects: "HOST:PORT", parse: parseAddress },
  certificateExpiry: {
    flag: "certificate-expiry",
    expects: "a time such as 14d or 36h; 0 for never",
    parse: (text) => atLeast(0, parseDays(text)),
  },
};

export const wordKeys = Object.keys(wordSettings) as WordKey[];

export type WordValues = { [Key in WordKey]?: NonNullable<CheckSettings[Key]> };

const day = 24 * 3_600_000;

export const defaultSettings: CheckSettings = {
  interval: 10_000,
  jitter: undefined,
  timeout: 5_000,
  failures: 3,
  successes: 2,
  expectStatus: [{ from: 200, to: 399 }],
  expectBody: undefined,
  bodyLimit: 2 ** 20,
  method: "GET",
  headers: {},
  redirects: "follow",
  proxy: undefined,
  connectTo: undefined,
  tls: {
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    insecureSkipVerify: false,
    serverName: undefined,
  },
  certificateExpiry: 14 * day,
};

/** As they were written: `200-399,404`. */
export function statusText(ranges: readonly StatusRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

function atLeast(least: number, value: number | undefined): number | undefined {
  return value !== undefined && value >= least ? value : undefined;
}

function within(least: number, most: number, value: number | undefined): number | undefined {
  return value !== undefined && value <= most ? atLeast(least, value) : undefined;
}

function wholeNumber(text: string): number | undefined {
  return /^[1-9]\d{0,2}$/.test(text) ? Number(text) : undefined;
}

function parseStatuses(text: string): StatusRange[] | undefined {
  const ranges = text.split(",").map((part): StatusRange | undefined => {
    const [, hundreds] = /^([1-5])xx$/.exec(part.trim()) ?? [];
    if (hundreds !== undefined) return { from: Number(hundreds) * 100, to: Number(hundreds) * 100 + 99 };
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part.trim()) ?? [];
    return from !== undefined && Number(to) >= Number(from) ? { from: Number(from), to: Number(to) } : undefined;
  });
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function parseMatcher(source: string): TextMatcher | SettingProblem {
  if (source === "") return new SettingProblem("is empty");
  const compiled = compileRegex(source);
  if ("problem" in compiled) return new SettingProblem(`is not a regular expression of RE2: ${compiled.problem}`);
  return { source, matches: (text) => compiled.regex.test(text) };
}

function parseProxy(text: string): string | undefined | SettingProblem {
  if (text === "none") return text;
  // As for curl, a bare host is one of http.
  const whole = /^[a-z][a-z0-9+.-]*:\/\/./i.test(text) ? text : `http://${text}`;
  const url = parseUrl(whole);
  // Never quoted: it may hold a password.
  if (url && ["http:", "https:", "socks5:", "socks5h:"].includes(url.protocol)) return whole;
  return new SettingProblem("is no URL of http, https or socks5, nor none");
}

function parseAddress(text: string): { host: string; port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:/@\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const [host, port] = [bracketed ?? plain, Number(digits)];
  return host !== undefined && port > 0 && port < 65_536 ? { host, port } : undefined;
}

function parseDays(text: string): number | undefined {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  return days === undefined ? parseGoDuration(text) : Number(days) * day;
}
