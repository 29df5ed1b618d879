/** The address of an interface: `path` behind the path of `url`, unless that ends with it already. The query stays. */
export function atPath(url: URL, path: string): URL {
  const whole = new URL(url);
  const base = whole.pathname.replace(/\/+$/, "");
  whole.pathname = base.endsWith(path) ? base : base + path;
  return whole;
}
