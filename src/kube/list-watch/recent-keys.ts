/** The newest keys of a row without end. */
export interface RecentKeys {
  /** False when the key is among them; it counts as newest in any case. */
  add(key: string): boolean;
}

export function createRecentKeys(limit: number): RecentKeys {
  // A Set keeps the order in which its members were added.
  const keys = new Set<string>();
  return {
    add(key) {
      const isNew = !keys.delete(key);
      keys.add(key);
      if (keys.size > limit) keys.delete(keys.values().next().value ?? key);
      return isNew;
    },
  };
}
