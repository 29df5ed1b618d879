import { readFile } from "node:fs/promises";
import { KevError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";

// client-go re-reads each minute less ten seconds: half of the time the kubelet leaves between a new token and the old one's end.
const maxAge = 50_000;

/** A bearer token kept in a file that something else renews. */
export interface TokenFile {
  /** The token of the last successful read, at most 50 s old unless the file cannot be read any more. */
  read(): Promise<string>;
  /** Makes the next `read` look at the file. */
  expire(): void;
}

/**
 * @param now milliseconds
 * @throws from `read`: KevError (refused) when there never was a token to read
 */
export function tokenFile(path: string, now: () => number): TokenFile {
  let token: string | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    async read() {
      if (token !== undefined && now() - readAt < maxAge) return token;
      try {
        const text = (await readFile(path, "utf8")).trim();
        if (text === "") throw new KevError("refused", `read empty token from file "${path}"`);
        token = text;
        readAt = now();
      } catch (error) {
        if (token !== undefined) return token;
        if (error instanceof KevError) throw error;
        throw new KevError("refused", fileErrorText("open", path, error), { cause: error });
      }
      return token;
    },
    expire() {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}
