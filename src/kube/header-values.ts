import { KevError } from "../util/errors.ts";

type Headers = Readonly<Record<string, string | readonly string[]>>;

/**
 * Headers as Node must be given them so that UTF-8 goes out.
 *
 * @throws KevError with Go's text for line breaks and control characters; the value is not quoted. Refused for
 * credentials, else usage.
 */
export function headerValues(headers: Headers): Record<string, string | string[]> {
  const encoded: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    encoded[name] = typeof value === "string" ? encode(name, value) : value.map((item) => encode(name, item));
  }
  return encoded;
}

function encode(name: string, value: string): string {
  // Nearly all are, and each request has ten of them.
  if (/^[\t\x20-\x7e]*$/.test(value)) return value;
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
    throw new KevError(
      name === "Authorization" ? "refused" : "usage",
      `net/http: invalid header field value for "${name}"`,
      { prefix: "Unable to connect to the server: ", hint: "it holds a line break or another control character" },
    );
  }
  return Buffer.from(value).toString("latin1");
}
