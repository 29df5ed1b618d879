const secretName = /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|_(KEY|PASS|PWD|PAT|AUTH)$/i;
/** Letters: what is shorter (`true`, `1`) stands in texts that have nothing to do with it. */
const shortest = 6;

/**
 * The values of variables that are named like secrets (`GITHUB_TOKEN`, `PGPASSWORD`, `SIGNING_KEY`), as they may be printed:
 * whole, and line by line.
 */
export function secretsOfEnv(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.entries(env).flatMap(([name, value = ""]) => (secretName.test(name) ? [value] : []));
  const texts = values.flatMap((value) => [value, ...value.split(/[\r\n]+/)]).map((text) => text.trim());
  return [...new Set(texts)].filter((text) => text.length >= shortest);
}
