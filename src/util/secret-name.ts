// Words by which the name of a variable, a field or an annotation says that its value is a secret.

/** Wherever they stand in the name. */
const anywhere =
  /pass(word|wd|phrase)|token|secret|credential|pwd|authorization|bearer|connection[-_]?string|(api|access|private)[-_]?key/i;
/** At its end: `auth`, which begins `authority` and `author` as well, and words that stand in others. */
const atEnd = /auth$|(^|[^a-z])(pass|pat|dsn)$|[-_]key$/i;
/** `databaseDsn`: a hump of its own. */
const hump = /[a-z](Pass|Dsn)$/;

/** True for `GITHUB_TOKEN`, `dbPassword`, `example.com/db-pwd`. */
export function isSecretName(name: string): boolean {
  return anywhere.test(name) || atEnd.test(name) || hump.test(name);
}
