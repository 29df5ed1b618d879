import { KevError } from "../../util/errors.ts";

const lineFeed = 0x0a;

/**
 * The lines of a stream, each with its line feed, so that a last line cut short can be told; of each chunk those that end in
 * it together. Reads no further than the chunk that is asked for.
 *
 * @param longest in bytes
 * @throws KevError for a longer line, after those before it, and what the stream throws
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<string[], void> {
  // Parts of one line, joined once it is whole: joining at each chunk would cost the square of its length.
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      const whole = parts.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...parts, chunk.subarray(0, end)]);
      const lines = splitLines(whole.toString());
      const tooLong = lines.findIndex((line) => isLonger(line, longest));
      if (tooLong !== -1) {
        if (tooLong > 0) yield lines.slice(0, tooLong);
        throw lineTooLong(longest);
      }
      yield lines;
      parts = [];
      length = 0;
    }
    if (end === chunk.length) continue;
    parts.push(chunk.subarray(end));
    length += chunk.length - end;
    if (length > longest) throw lineTooLong(longest);
  }
  if (parts.length > 0) yield [Buffer.concat(parts).toString()];
}

function splitLines(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start) + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

// A character takes three bytes at most, or four for two.
function isLonger(line: string, longest: number): boolean {
  return line.length * 3 > longest && Buffer.byteLength(line) > longest;
}

function lineTooLong(longest: number): KevError {
  return new KevError("failed", `a line of the server's answer is longer than ${longest} bytes`);
}
