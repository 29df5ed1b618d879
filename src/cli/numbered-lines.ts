import { isUtf8 } from "node:buffer";

/** A line of a text, without its line feed, or why it cannot be read. Lines are counted from 1. */
export type NumberedLine = { readonly line: number } & ({ readonly text: string } | { readonly problem: string });

const lineFeed = 0x0a;

/**
 * The lines of a stream as they come, in groups: those that a chunk ends. Of a line that is too long nothing is kept, and the
 * next one is read.
 *
 * @param longest in bytes
 */
export async function* numberedLines(
  chunks: AsyncIterable<Buffer>,
  longest: number,
): AsyncGenerator<readonly NumberedLine[], void> {
  let parts: Buffer[] = [];
  let length = 0;
  let line = 1;
  const finished = (): NumberedLine => {
    const [only] = parts;
    const bytes = only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
    const isTooLong = length > longest;
    parts = [];
    length = 0;
    const number = { line: line++ };
    if (isTooLong) return { ...number, problem: `it is longer than ${longest} bytes` };
    // Decoded all the same, it would say something that nobody has written.
    if (!isUtf8(bytes)) return { ...number, problem: "it is not UTF-8" };
    return { ...number, text: bytes.toString().replace(/\r$/, "") };
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > longest) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  for await (const chunk of chunks) {
    const ended: NumberedLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      add(chunk.subarray(start, end));
      ended.push(finished());
      start = end + 1;
    }
    add(chunk.subarray(start));
    if (ended.length > 0) yield ended;
  }
  if (length > 0) yield [finished()];
}
