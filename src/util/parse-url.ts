/** `text` as a URL, or undefined when it is none. (URL.parse is missing in Node 20.) */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
