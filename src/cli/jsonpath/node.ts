/** One step of a jsonpath template; the template itself is a list of `text` and `list` nodes. */
export type JsonPathNode =
  | { type: "text"; text: string }
  | { type: "literal"; value: number | boolean }
  | { type: "field"; name: string }
  | { type: "slice"; slice: Slice }
  | { type: "filter"; left: ListNode; operator: string; right: ListNode }
  | { type: "union"; members: ListNode[] }
  | { type: "wildcard" }
  | { type: "recursive" }
  | { type: "word"; name: string }
  | ListNode;

/** What stands in one pair of braces: each step takes the results of the one before. */
export interface ListNode {
  type: "list";
  nodes: JsonPathNode[];
}

/** `[start:end:step]`; negative numbers count from the end. */
export interface Slice {
  start: number | undefined;
  end: number | undefined;
  step: number | undefined;
  /** `[n]`: end is n + 1, which for -1 is the end of the array. */
  single: boolean;
}

/** A template that cannot be read, or that does not fit the data. The message is client-go's. */
export class JsonPathFault extends Error {
  override readonly name = "JsonPathFault";
  /** How far evaluation got: `[?(@.a[9])]` asks only whether anything is left of it. */
  readonly partial: unknown[];

  constructor(message: string, partial: unknown[] = []) {
    super(message);
    this.partial = partial;
  }
}
