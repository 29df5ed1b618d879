const simple: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
};

const escapeForms = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/;

/**
 * The text inside Go's quotes, single ones too: `\n`, `\t`, `\x41` and `\101` (bytes), `\u00e9`, `\U0001f600`, and
 * the quote itself escaped. Undefined where strconv.Unquote says "invalid syntax".
 */
export function unquote(quoted: string): string | undefined {
  const quote = quoted[0] ?? "";
  let rest = quoted.slice(1, -1);
  const bytes: Buffer[] = [];
  while (rest !== "") {
    const plain = /^[^\\'"]+|^['"]/.exec(rest)?.[0];
    if (plain !== undefined) {
      if (plain === quote) return undefined;
      bytes.push(Buffer.from(plain));
      rest = rest.slice(plain.length);
      continue;
    }
    const match = escapeForms.exec(rest);
    const encoded = match && encode(match, quote);
    if (!match || !encoded) return undefined;
    bytes.push(encoded);
    rest = rest.slice(match[0].length);
  }
  return Buffer.concat(bytes).toString();
}

function encode([, hexByte, short, long, octal, letter]: RegExpExecArray, quote: string): Buffer | undefined {
  if (letter !== undefined) {
    // The other quote needs no escape, so Go allows none.
    const code = simple[letter];
    if (code !== undefined) return Buffer.from([code]);
    return letter === quote ? Buffer.from(letter) : undefined;
  }
  if (hexByte !== undefined) return Buffer.from([Number.parseInt(hexByte, 16)]);
  if (octal !== undefined) {
    const value = Number.parseInt(octal, 8);
    return value > 255 ? undefined : Buffer.from([value]);
  }
  const code = Number.parseInt(short ?? long ?? "", 16);
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code > 0x10ffff || isSurrogate ? undefined : Buffer.from(String.fromCodePoint(code));
}
