import { createRecentMap } from "./recent-map.ts";

/**
 * What was looked up lately, so that it is looked up once; also while the look is under way. One that failed is forgotten:
 * the next call looks anew.
 *
 * @param limit results that are remembered
 */
export function remember<T>(limit: number): (key: string, look: () => Promise<T>) => Promise<T> {
  const results = createRecentMap<string, Promise<T> | undefined>(limit);
  return (key, look) => {
    const known = results.get(key);
    const result = known ?? look();
    results.set(key, result);
    if (known === undefined) result.catch(() => results.set(key, undefined));
    return result;
  };
}
