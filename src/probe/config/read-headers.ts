/** RFC 9110: a token. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What is wrong with a header, whose value is never quoted; undefined when nothing is. */
export function headerProblem(name: string, value: string): string | undefined {
  if (!headerName.test(name)) return "headers: a name is none of a header";
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value))
    return `headers: the value of ${name} holds a line break or another control character`;
  if (/^(content-length|transfer-encoding|connection)$/i.test(name)) return `headers: ${name} is not for you to set`;
  return undefined;
}

/**
 * Headers as curl takes them, `Name: value`, one a line; empty lines are left out.
 *
 * @throws Error that says what is wrong, without a value
 */
export function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: [string, string][] = [];
  for (const line of lines) {
    if (line.trim() === "") continue;
    const [, name, value] = /^([^:]+):\s*(.*?)\s*$/s.exec(line) ?? [];
    // Never quoted: it may be the value alone.
    if (name === undefined || value === undefined) throw new Error("a header is written as Name: value");
    const problem = headerProblem(name, value);
    if (problem !== undefined) throw new Error(problem.replace(/^headers: /, ""));
    headers.push([name, value]);
  }
  return Object.fromEntries(headers);
}
