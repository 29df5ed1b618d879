import { KevError } from "../../util/errors.ts";

const lineFeed = 0x0a;

/**
 * The lines of a stream as they come, each with its line feed, so that a last line cut short can be told. Reads no further
 * than the chunk that is asked for.
 *
 * @param longest in bytes
 * @throws KevError for a longer line, and what the stream throws
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<string, void> {
  // Parts of one line, joined once it is whole: joining at each chunk would cost the square of its length.
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      const part = chunk.subarray(start, end + 1);
      check(length + part.length, longest);
      yield parts.length === 0 ? part.toString() : Buffer.concat([...parts, part]).toString();
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    check(length, longest);
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString();
}

function check(length: number, longest: number): void {
  if (length > longest) throw new KevError("failed", `a line of the server's answer is longer than ${longest} bytes`);
}
