const marker = /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end of generated -->)/g;

/**
 * `text` with each part between `<!-- generated: NAME -->` and `<!-- end of generated -->` put in anew. Throws when the
 * names in the text are not exactly those of `parts`, each once.
 */
export function fillIn(text: string, parts: ReadonlyMap<string, string>): string {
  const missing = new Set(parts.keys());
  const filled = text.replace(marker, (_whole, begin: string, name: string, end: string) => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`Nothing generates "${name}"`);
    if (!missing.delete(name)) throw new Error(`"${name}" stands in the text twice`);
    return `${begin}\n${part}\n\n${end}`;
  });
  if (missing.size > 0) throw new Error(`No marker for "${[...missing].join('", "')}"`);
  return filled;
}
