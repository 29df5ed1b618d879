import { z } from "zod";
import { parseByteSize } from "../util/byte-size.ts";
import { parseGoDuration } from "../util/duration.ts";
import { parseUrl } from "../util/parse-url.ts";

// The members that the maps of sinks are made of. Each takes its description, which `kev route sinks` prints. Defaults are
// given with `.prefault(…)`, as they would stand in the file: `duration("…").prefault("1m")`.
// `secret: true` in a member's meta says that its value must never be shown, `template: true` that it is Liquid.

/** A secret. `{ fromEnv: NAME }` and `{ fromFile: PATH }` were resolved before a schema sees them. */
export function secret(description: string) {
  return z.string().min(1, "must not be empty").meta({ description, secret: true });
}

export interface HttpUrlOptions {
  /** Whether path and query hold a token, as those of chat webhooks do. Default false. */
  secret?: boolean;
}

/** The address of a receiver: http or https. User and password have members of their own. Gives a URL. */
export function httpUrl(description: string, { secret: isSecret = false }: HttpUrlOptions = {}) {
  return z
    .string()
    .transform((text, context): URL => {
      const url = parseUrl(text);
      const problem = urlProblem(url);
      if (url !== undefined && problem === undefined) return url;
      // Issues never quote the value: it may hold a token.
      context.addIssue(problem ?? "must be a URL such as https://example.com/path");
      return z.NEVER;
    })
    .meta(isSecret ? { description, secret: true } : { description });
}

function urlProblem(url: URL | undefined): string | undefined {
  if (url === undefined) return "must be a URL such as https://example.com/path";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must start with https:// or http://";
  if (url.username || url.password) return "must hold no user and no password: they belong into basicAuth";
  return url.hash ? "must hold no fragment (#…)" : undefined;
}

export interface DurationOptions {
  /** Milliseconds. Default 1: zero is refused. */
  least?: number;
}

/** A time as Go writes it: `30s`, `1h30m`. Gives milliseconds. */
export function duration(description: string, { least = 1 }: DurationOptions = {}) {
  return z
    .string()
    .transform((text, context): number => {
      const milliseconds = parseGoDuration(text);
      if (milliseconds !== undefined && milliseconds >= least) return milliseconds;
      context.addIssue(
        milliseconds === undefined ? "must be a duration such as 30s or 1h30m" : `must be at least ${least}ms`,
      );
      return z.NEVER;
    })
    .meta({ description });
}

/** A size: `1MiB`, `500kB`, or a number of bytes. At least 1. Gives bytes. */
export function byteSize(description: string) {
  return z
    .union([z.string(), z.number()])
    .transform((value, context): number => {
      const bytes = parseByteSize(String(value));
      if (bytes !== undefined && bytes >= 1) return bytes;
      context.addIssue("must be a size such as 1MiB, 500kB or 4096");
      return z.NEVER;
    })
    .meta({ description });
}

/** A Liquid template; a sink compiles it in `create` with `compileTemplate`. */
export function template(description: string) {
  return z.string().meta({ description, template: true });
}

/** RFC 9110: a token. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const namePattern = z.string().regex(headerName, "must be the name of a header");

/** Names and values of HTTP headers. Values may be secrets, and are shown as such. */
export function headerMap(description: string) {
  const value = z.string().regex(/^[^\0-\x08\x0a-\x1f\x7f]*$/, "must hold no line break and no control character");
  return z.record(namePattern, value).meta({ description, secret: true });
}

/** Headers whose values are Liquid templates. */
export function headerTemplates(description: string) {
  return z.record(namePattern, z.string()).meta({ description, secret: true, template: true });
}

const tls = z
  .strictObject({
    caFile: z.string().meta({ description: "PEM file of the only authorities to trust" }).optional(),
    certFile: z.string().meta({ description: "PEM file of the client certificate" }).optional(),
    keyFile: z.string().meta({ description: "PEM file of its key" }).optional(),
    insecureSkipVerify: z
      .boolean()
      .meta({ description: "Trust every certificate: whoever is in between can read and change everything" })
      .prefault(false),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    message: "certFile and keyFile need each other",
  })
  .meta({ description: "How the receiver is trusted, and kev by it; files are read again every minute" });

const basicAuth = z
  .strictObject({
    username: z.string().meta({ description: "User name" }),
    password: secret("Password"),
  })
  .meta({ description: "User and password, sent as Authorization: Basic" });

/** What all sinks over HTTP have beside their `url`; `createHttpClient` takes them as they are. */
export const httpFields = {
  headers: headerMap("More headers on every request; values are never shown").optional(),
  basicAuth: basicAuth.optional(),
  bearerToken: secret("Sent as Authorization: Bearer").optional(),
  tls: tls.optional(),
};

export type TlsFields = z.output<typeof tls>;
export type BasicAuthFields = z.output<typeof basicAuth>;
