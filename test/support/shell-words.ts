const word = /\s*((?:"[^"$`\\]*"|'[^']*'|[^\s"'$`\\|&;<>()*?[\]{}~#])+)(?=\s|$)/gy;

/** The words of a simple command line: blanks part them, quotes keep blanks. Throws where a shell would do more. */
export function shellWords(line: string): string[] {
  const found = [...line.trimEnd().matchAll(word)];
  const read = found.reduce((length, [text]) => length + text.length, 0);
  if (read !== line.trimEnd().length) throw new Error(`Not a simple command line from character ${read}: ${line}`);
  return found.map(([, text = ""]) => text.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
