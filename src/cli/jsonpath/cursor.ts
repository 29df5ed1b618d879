/** A place in a template, moved along by the parsers. */
export interface Cursor {
  readonly input: string;
  position: number;
}

/** The code point at the cursor; undefined at the end. */
export function peek(cursor: Cursor): string | undefined {
  const code = cursor.input.codePointAt(cursor.position);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

/** The code point at the cursor, stepped over; undefined at the end. */
export function next(cursor: Cursor): string | undefined {
  const character = peek(cursor);
  cursor.position += character?.length ?? 0;
  return character;
}

export function startsWith(cursor: Cursor, prefix: string): boolean {
  return cursor.input.startsWith(prefix, cursor.position);
}

/** Steps over the characters that `matches` takes and returns them. */
export function takeWhile(cursor: Cursor, matches: (character: string) => boolean): string {
  const start = cursor.position;
  for (let character = peek(cursor); character !== undefined && matches(character); character = peek(cursor)) {
    cursor.position += character.length;
  }
  return cursor.input.slice(start, cursor.position);
}
