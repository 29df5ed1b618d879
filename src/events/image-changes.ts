/**
 * What a release changes, for people: `ui=nginx:1.27 → nginx:1.28, proxy=envoy:1.30`.
 *
 * @param running images as `container=image`, joined by commas, as `imagesOf` writes them; undefined: nothing runs
 * @param wanted likewise
 */
export function imageChanges(running: string | undefined, wanted: string): string {
  const before = pairs(running ?? "");
  const after = pairs(wanted);
  const kept = [...after].map(([container, image]) => {
    const old = before.get(container);
    if (running === undefined || old === image) return `${container}=${image}`;
    return `${container}=${old ?? "none"} → ${image}`;
  });
  const gone = [...before].filter(([container]) => !after.has(container));
  return [...kept, ...gone.map(([container, image]) => `${container}=${image} → none`)].join(", ");
}

function pairs(images: string): Map<string, string> {
  const texts = images.split(",").filter((text) => text !== "");
  return new Map(texts.map((text) => [text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1)]));
}
