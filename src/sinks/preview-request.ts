import type { HttpRequest } from "./http.ts";

/** Shorter ones are no secrets, and would be found everywhere. */
const shortestSecret = 4;
const secretHeaders = /authorization|token|secret|password|cookie|api-?key|signature/i;

/**
 * A request for a person to read, as it would be sent: method, address, headers, body; JSON is indented.
 *
 * @param secrets are masked wherever they stand; headers whose names speak of secrets are, too. Where path or query hold a
 * token, they are a secret as a whole: `url.pathname + url.search`
 */
export function previewRequest(request: HttpRequest, secrets: readonly string[]): string {
  const { method, url, headers, body } = request;
  const lines = Object.entries(headers).map(([name, value]) => {
    return `${name}: ${secretHeaders.test(name) ? "***" : maskSecrets(value, secrets, 1)}`;
  });
  const address = url.origin + maskSecrets(url.pathname + url.search, secrets).replace(/^(?!\/)/, "/");
  return [`${method} ${address}`, ...lines, "", maskSecrets(readable(body), secrets), ""].join("\n");
}

/** `text` with `***` in place of each secret. */
export function maskSecrets(text: string, secrets: readonly string[], shortest = shortestSecret): string {
  // Longest first: one may be part of another.
  const given = secrets.filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length);
  return given.reduce((masked, value) => masked.replaceAll(value, "***"), text);
}

function readable(body: string | Buffer): string {
  const text = typeof body === "string" ? body : body.toString();
  if (text.includes("\ufffd") && typeof body !== "string") return `(${body.length} bytes)`;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text.trimEnd();
  }
}
