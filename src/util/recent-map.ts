/** The entries of a map without end that were set last. */
export interface RecentMap<Key, Value> {
  get(key: Key): Value | undefined;
  /** The entry counts as the newest; beyond the limit the oldest is forgotten. */
  set(key: Key, value: Value): void;
}

/** @param limit entries that are kept */
export function createRecentMap<Key, Value>(limit: number): RecentMap<Key, Value> {
  // A Map keeps the order of insertion: its first entry is the one that was set least lately.
  const entries = new Map<Key, Value>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > limit) entries.delete(entries.keys().next().value ?? key);
    },
  };
}
