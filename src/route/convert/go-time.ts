/** Go's reference time, and what the same is to strftime. Source: https://pkg.go.dev/time#pkg-constants */
const parts: readonly (readonly [string, string])[] = [
  ["2006", "%Y"],
  ["January", "%B"],
  ["Jan", "%b"],
  ["Monday", "%A"],
  ["Mon", "%a"],
  ["01", "%m"],
  ["02", "%d"],
  ["15", "%H"],
  ["04", "%M"],
  ["05", "%S"],
  ["06", "%y"],
  ["002", "%j"],
];

/** A layout of Go's times as one of strftime; undefined for one with parts that strftime does not know. */
export function convertGoLayout(layout: string): string | undefined {
  let text = layout.replaceAll("%", "%%");
  let converted = "";
  while (text !== "") {
    const rest = text;
    const [from, to] = parts.filter(([part]) => rest.startsWith(part)).sort(([a], [b]) => b.length - a.length)[0] ?? [];
    if (from === undefined || to === undefined) {
      // Digits and zones that are not in the table.
      if (/^[0-9]|^MST|^PM|^pm|^Z07/.test(text)) return undefined;
      converted += text[0];
      text = text.slice(1);
    } else {
      converted += to;
      text = text.slice(from.length);
    }
  }
  return converted;
}
