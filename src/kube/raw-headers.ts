/**
 * Headers as Node sends them without looking at each, which takes a twentieth of a request. Not for plain http, where an agent
 * for proxies still has to add to them.
 *
 * @param host the header `Host`, unless `headers` has one
 * @returns names and values in turn; of names that differ in case only, the last
 */
export function rawHeaders(host: string, headers: Readonly<Record<string, string | string[]>>): string[] {
  const sent = new Map<string, readonly [string, string | string[]]>([["host", ["Host", host]]]);
  for (const [name, value] of Object.entries(headers)) sent.set(name.toLowerCase(), [name, value]);
  const raw: string[] = [];
  for (const [name, value] of sent.values()) {
    if (typeof value === "string") raw.push(name, value);
    else for (const item of value) raw.push(name, item);
  }
  return raw;
}
