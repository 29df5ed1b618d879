/** How much one request may hold. */
export interface RequestLimits {
  readonly entries: number;
  /** Of the entries as they stand in the request, not packed. */
  readonly bytes: number;
}

/**
 * Cuts what is to be sent into requests, in order. An entry that is larger than the limit gets a request of its own: what
 * becomes of it is for the receiver to say.
 */
export function splitBatch<Entry extends { readonly bytes: number }>(
  entries: readonly Entry[],
  limits: RequestLimits,
): Entry[][] {
  const requests: Entry[][] = [];
  let current: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (current.length > 0 && (current.length >= limits.entries || bytes + entry.bytes > limits.bytes)) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(entry);
    bytes += entry.bytes;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}
