// What differs from one run to the next, and what stands for it.
const volatile: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<uid>"],
  [/(<uid>\/)\d+/g, "$1<version>"],
  [/("ts": )\d+/g, "$1<seconds>"],
  [/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, "<time>"],
  [/(resourceVersion: )"\d+"/g, "$1<version>"],
  // An event's name ends in 24 characters, random or, for keyed ones, hashed.
  [/\.[a-z0-9]{24}\b/g, ".<id>"],
  [/\b(\d+(ms|[smhd]))+\b/g, "<age>"],
  // The width of a column depends on the ages in it.
  [/(\S) {2,}/g, "$1  "],
  [/ +$/gm, ""],
];

/** `text` with ids, times, ages and the widths of columns made equal in all runs; everything else is left literal. */
export function normalizeOutput(text: string): string {
  return volatile.reduce((normal, [pattern, instead]) => normal.replace(pattern, instead), text);
}
