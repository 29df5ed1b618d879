/** What HTTP's Basic scheme sends of the name and password in a URL, percent signs taken as they are where they encode nothing; undefined for none. */
export function basicLogin({ username, password }: Pick<URL, "username" | "password">): string | undefined {
  if (!username && !password) return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
