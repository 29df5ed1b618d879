import { usageError } from "../util/errors.ts";

/**
 * The paths of one `-f`: parted by commas, and in double quotes where they hold commas themselves, as kubectl's flags
 * (pflag, StringSlice) read them, by the rules of Go's encoding/csv.
 *
 * @throws KevError (usage) with kubectl's text
 */
export function splitFilenames(given: string): string[] {
  const paths: string[] = [];
  const quoted = /"((?:[^"]|"")*)(")?/y;
  const bare = /[^",]*/y;
  let at = 0;
  for (;;) {
    if (given[at] === '"') {
      quoted.lastIndex = at;
      const [whole = "", path = "", closing] = quoted.exec(given) ?? [];
      at += whole.length;
      const isEnd = closing !== undefined && (at === given.length || given[at] === ",");
      if (!isEnd) throw csvError(given, closing === undefined ? at : at - 1, 'extraneous or missing " in quoted-field');
      paths.push(path.replaceAll('""', '"'));
    } else {
      bare.lastIndex = at;
      const [path = ""] = bare.exec(given) ?? [];
      at += path.length;
      if (given[at] === '"') throw csvError(given, at, 'bare " in non-quoted-field');
      paths.push(path);
    }
    if (at === given.length) return paths;
    at++;
  }
}

function csvError(given: string, index: number, problem: string): Error {
  const column = Buffer.byteLength(given.slice(0, index)) + 1;
  return usageError(
    `invalid argument ${JSON.stringify(given)} for "-f, --filename" flag: parse error on line 1, column ${column}: ${problem}`,
  );
}
