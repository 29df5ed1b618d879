import { usageError } from "../util/errors.ts";
import { type FieldPath, segmentText } from "./field-path.ts";

/** Paths that are meant: one, and all below it. */
export interface PathPattern {
  /** True for what is meant. */
  covers(path: FieldPath): boolean;
  /** True for what something that is meant lies in. */
  leadsBelow(path: FieldPath): boolean;
}

/**
 * Reads a path as {@link pathText} writes it; `*` stands for any text in a segment: `metadata.annotations[example.com/*]`,
 * `spec.containers[*].image`. Quotes and a dot in front, as in kubectl's jsonpath, are taken, too.
 *
 * @throws usage error for what is no path
 */
export function parsePathPattern(text: string): PathPattern {
  const segments = segmentsOf(text).map(globOf);
  const fits = (path: FieldPath, length: number): boolean =>
    segments.slice(0, length).every((segment, index) => segment.test(segmentText(path[index] ?? "")));
  return {
    covers: (path) => path.length >= segments.length && fits(path, segments.length),
    leadsBelow: (path) => path.length < segments.length && fits(path, path.length),
  };
}

const hint = "like spec.replicas, spec.containers[nginx].image or metadata.annotations[example.com/*]";
const part = /\.?([^.[\]]+)|\[(?:'([^']*)'|"([^"]*)"|([^[\]]+))\]/y;

function segmentsOf(text: string): string[] {
  const segments: string[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (found === null) throw usageError(`"${text}" is no path`, { hint });
    segments.push(found[1] ?? found[2] ?? found[3] ?? found[4] ?? "");
  }
  if (segments.length === 0) throw usageError("a path is empty", { hint });
  return segments;
}

function globOf(segment: string): RegExp {
  const escaped = segment.split("*").map((text) => text.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "s");
}
