/** How kev was called: `kubectl kev` instead of `kev`, or `kubectl create event` instead of `kev emit`. */
export interface Calling {
  /** What stands on help pages. */
  own: "kev" | "kev emit";
  /** What the user types. */
  typed: string;
}

export const calledPlainly: Calling = { own: "kev", typed: "kev" };

/**
 * A text of kev's own, a help page or a hint, in the words of who called it so: where it says what to type, `kev` alone or
 * with one of `commands`, that begins as the user does.
 */
export function asCalled(text: string, { own, typed }: Calling, commands: readonly string[]): string {
  if (own === typed) return text;
  const next = own === "kev" ? `(?=$| (?:COMMAND|--?[a-z]|(?:${commands.join("|")})\\b))` : "(?![\\w-])";
  return text.replaceAll(new RegExp(`(?<![\\w./-]|kubectl )${own}${next}`, "g"), typed);
}
