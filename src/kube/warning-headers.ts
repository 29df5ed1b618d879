// warn-code warn-agent "warn-text" ["warn-date"], comma-separated; text with backslash escapes (RFC 7234, 5.5).
const warning = /^\s*(\d{3}) (\S+) "((?:[^"\\]|\\.)*)"(?:\s*"[^"]*")?\s*(?:,|$)/s;

/**
 * The texts of the warnings with code 299 in `Warning:` header lines, as the API server sends them. What follows a
 * malformed warning in the same line is dropped; so are texts with control characters.
 */
export function parseWarningHeaders(lines: readonly string[]): string[] {
  const texts: string[] = [];
  for (const line of lines) {
    let rest = line;
    for (let match = warning.exec(rest); match; match = warning.exec(rest)) {
      const [whole, code, , quoted = ""] = match;
      const text = utf8(quoted.replace(/\\(.)/gs, "$1"));
      if (code === "299" && text !== "" && !/\p{Cc}/u.test(text)) texts.push(text);
      rest = rest.slice(whole.length);
    }
  }
  return texts;
}

// Node reads header bytes as Latin-1; the server writes UTF-8.
function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
