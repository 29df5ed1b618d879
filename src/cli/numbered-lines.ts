/** A line of a text, without its line feed; `text` is undefined for one that is too long to be read. */
export interface NumberedLine {
  /** From 1. */
  readonly line: number;
  readonly text: string | undefined;
}

const lineFeed = 0x0a;

/**
 * The lines of a stream, one by one as they come. Of a line that is too long nothing is kept, and the next one is read.
 *
 * @param longest in bytes
 */
export async function* numberedLines(
  chunks: AsyncIterable<Buffer>,
  longest: number,
): AsyncGenerator<NumberedLine, void> {
  let parts: Buffer[] = [];
  let length = 0;
  let line = 1;
  const finished = (): NumberedLine => {
    const text = length > longest ? undefined : Buffer.concat(parts).toString().replace(/\r$/, "");
    parts = [];
    length = 0;
    return { line: line++, text };
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > longest) parts = [];
    else parts.push(part);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      add(chunk.subarray(start, end));
      yield finished();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield finished();
}
