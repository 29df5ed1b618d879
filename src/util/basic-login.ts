/** What HTTP's Basic scheme sends of the name and password in a URL, percent signs taken as they are where they encode nothing; undefined for none. */
export function basicLogin({ username, password }: Pick<URL, "username" | "password">): string | undefined {
  if (!username && !password) return undefined;
  return `Basic ${basicCredentials(decoded(username), decoded(password))}`;
}

/** What stands behind `Basic`. */
export function basicCredentials(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
