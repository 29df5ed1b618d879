import { isSecretName } from "../util/secret-name.ts";

/** Folders, as shells name them. */
const folders = new Set(["PWD", "OLDPWD"]);
/** Letters: what is shorter (`true`, `1`) stands in texts that have nothing to do with it. */
const shortest = 6;

/**
 * The values of variables that are named like secrets (`GITHUB_TOKEN`, `PGPASSWORD`, `SIGNING_KEY`), as they may be printed:
 * whole, and line by line.
 */
export function secretsOfEnv(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.entries(env).flatMap(([name, value = ""]) =>
    isSecretName(name) && !folders.has(name) ? [value] : [],
  );
  const texts = values.flatMap((value) => [value, ...value.split(/[\r\n]+/)]).map((text) => text.trim());
  return [...new Set(texts)].filter((text) => text.length >= shortest);
}
