/** An item of a list, by what tells it from the others: `nginx`, `80/TCP`, `0`. */
export interface ListItem {
  readonly item: string;
  /** The item itself, for finding it by other keys. */
  readonly of: unknown;
}

/** A way into an object: names of members, and items of lists. */
export type FieldPath = readonly (string | ListItem)[];

/** A segment without its form: patterns do not tell a member from an item. */
export function segmentText(segment: string | ListItem): string {
  return typeof segment === "string" ? segment : segment.item;
}

/** As kubectl's users write it: `spec.template.spec.containers[nginx].image`, `metadata.annotations[example.com/owner]`. */
export function pathText(path: FieldPath): string {
  return path
    .map((segment, index) => {
      if (typeof segment === "string" && /^[A-Za-z_$][\w$-]*$/.test(segment))
        return index === 0 ? segment : `.${segment}`;
      return `[${segmentText(segment)}]`;
    })
    .join("");
}
