import { homedir } from "node:os";

/**
 * The user's home: `home` (`$HOME`), or what the system knows when it is not set. It is `/` for who has none, by an empty
 * `$HOME` or as a user without an entry in the system's list: a relative folder would be one of the current folder's.
 */
export function homeFolder(home: string | undefined, systemHome: () => string = homedir): string {
  try {
    return (home ?? systemHome()) || "/";
  } catch {
    return "/";
  }
}
