import { escapeTerminal, unicodeEscape } from "../util/escape-terminal.ts";

/** Letters of a form that is not the secret itself: what is shorter stands in texts that have nothing to do with it. */
const shortest = 6;

/**
 * How programs print a secret: as it is, as a log shows it, escaped for a URL, for JSON (JavaScript's, Go's, Python's) and in
 * quotes of shells and of code, and within anything in base64.
 */
export function formsOfSecret(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const others = [
    escapeTerminal(secret.replaceAll("\t", " ")),
    percentEncoded(secret),
    new URLSearchParams([["", secret]]).toString().slice(1),
    json,
    json.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape),
    json.replaceAll(/[\u007f-\uffff]/g, unicodeEscape),
    secret.replaceAll("'", "'\\''"),
    secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'"),
    ...withinBase64(secret),
  ];
  return [...new Set([secret, ...others.filter((form) => form.length >= shortest)])];
}

// A half of a surrogate pair has no UTF-8.
function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/**
 * What is the same in base64 whatever stands before and behind, as for `user:PASSWORD`: six bits are a character, so that
 * those characters are left out which share theirs with a neighbour.
 */
function withinBase64(secret: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return (["base64", "base64url"] as const).map((encoding) => bytes.toString(encoding).slice(from, to));
  });
}
