import type { Impersonation } from "./client-config.ts";

// RFC 7230 tokens without the percent sign, which marks what is escaped.
const legalInHeaderNames = /[!#$&'*+\-.^_`|~0-9A-Za-z]/;

/** The Impersonate-… headers of a request; a list is sent as one header line for each value. */
export function impersonationHeaders(impersonation: Impersonation | undefined): Record<string, string | string[]> {
  if (!impersonation) return {};
  const headers: Record<string, string | string[]> = { "Impersonate-User": impersonation.user };
  if (impersonation.uid) headers["Impersonate-Uid"] = impersonation.uid;
  if (impersonation.groups.length > 0) headers["Impersonate-Group"] = [...impersonation.groups];
  for (const [key, values] of Object.entries(impersonation.extra)) {
    if (values.length > 0) headers[`Impersonate-Extra-${escapeHeaderName(key)}`] = [...values];
  }
  return headers;
}

function escapeHeaderName(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return byte < 128 && legalInHeaderNames.test(letter)
        ? letter
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
