import { usageError } from "../util/errors.ts";

/**
 * The longest values the API takes, in bytes of UTF-8 (the server counts with Go's len). core/v1 without eventTime does
 * not check them, events.k8s.io/v1 does; kev keeps to them so that every event it writes is legal in both.
 * Source: k8s.io/kubernetes/pkg/apis/core/validation/events.go
 */
export const limits = { reason: 128, action: 128, reportingInstance: 128, message: 1024, name: 253 } as const;

type LimitedField = Exclude<keyof typeof limits, "name">;

/** The length in bytes of UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** `text` when it fits; throws a usage error that names the limit when it does not. */
export function withinLimit(field: LimitedField, text: string): string {
  const length = byteLength(text);
  if (length <= limits[field]) return text;
  throw usageError(`${field} is ${length} bytes long, the limit is ${limits[field]}`, {
    hint: (name) => (field === "message" ? `shorten it, or let ${name("truncate")} cut it` : `shorten the ${field}`),
  });
}

/** `text` cut to `max` bytes with `…` at its end, never inside what a reader takes for one character; unchanged when it fits. */
export function truncateBytes(text: string, max: number): string {
  if (byteLength(text) <= max) return text;
  const room = max - byteLength("…");
  let kept = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += byteLength(segment);
    if (used > room) break;
    kept += segment;
  }
  // One letter under a heap of marks may be longer than all the room.
  return `${kept === "" ? cutBetweenCodePoints(text, room) : kept}…`;
}

function cutBetweenCodePoints(text: string, room: number): string {
  // A decoder that streams keeps back the bytes of a code point that is not whole.
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, room), { stream: true });
}
