const units: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Bytes of a size such as `100MiB`, `1.5GB` or `4096`, cut to whole ones; undefined when it is none. */
export function parseByteSize(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|KiB|MiB|GiB)?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Math.floor(Number(amount) * (units[unit] ?? 0));
}
