import { type Cursor, next } from "./cursor.ts";
import { JsonPathFault, type JsonPathNode, type ListNode, type Slice } from "./node.ts";

type ParseExpression = (expression: string) => ListNode;

/** `[…]` at the cursor: an index, a slice, a union or a quoted key, which may be a path of its own (`['a.b']`). */
export function parseArray(cursor: Cursor, parseExpression: ParseExpression): JsonPathNode[] {
  const start = cursor.position + 1;
  for (let character = next(cursor); character !== "]"; character = next(cursor)) {
    if (character === undefined || character === "\n") throw new JsonPathFault("unterminated array");
  }
  const text = cursor.input.slice(start, cursor.position - 1);
  const members = text.split(",");
  if (members.length > 1) {
    return [
      { type: "union", members: members.map((member) => parseExpression(`[${member.replace(/^ +| +$/g, "")}]`)) },
    ];
  }
  const key = /^'([^']*)'$/.exec(text)?.[1];
  if (key !== undefined) return parseExpression(`.${key}`).nodes;
  return [{ type: "slice", slice: parseSlice(text === "*" ? ":" : text) }];
}

function parseSlice(text: string): Slice {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (match === null) throw new JsonPathFault(`invalid array index ${text}`);
  const start = sliceNumber(match[1]);
  const endText = match[2]?.slice(1);
  const end = endText === undefined ? (start ?? 0) + 1 : sliceNumber(endText);
  return { start, end, step: sliceNumber(match[3]?.slice(1)), single: endText === undefined };
}

function sliceNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (text === "-") throw new JsonPathFault("array index - is not a number");
  return Number(text);
}

/** `[?(LEFT OPERATOR RIGHT)]` or, without an operator, `[?(EXISTS)]` at the cursor. */
export function parseFilter(cursor: Cursor, parseExpression: ParseExpression): JsonPathNode {
  cursor.position += "[?(".length;
  const start = cursor.position;
  skipToParenthesis(cursor);
  const text = cursor.input.slice(start, cursor.position - 1);
  if (next(cursor) !== "]") throw new JsonPathFault("unclosed array expect ]");
  const match = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text);
  if (match === null) {
    return { type: "filter", left: parseExpression(text), operator: "exists", right: { type: "list", nodes: [] } };
  }
  const [, left = "", operator = "", right = ""] = match;
  return { type: "filter", left: parseExpression(left), operator, right: parseExpression(right) };
}

// client-go knows one quoted string per filter: brackets inside it do not end the filter.
function skipToParenthesis(cursor: Cursor): void {
  let quote: string | undefined;
  let closed = false;
  for (;;) {
    const character = next(cursor);
    if (character === undefined || character === "\n") throw new JsonPathFault("unterminated filter");
    if (character === ")" && (quote === undefined || closed)) return;
    if (character !== '"' && character !== "'") continue;
    if (quote === undefined) quote = character;
    else if (character === quote && cursor.input[cursor.position - 2] !== "\\") closed = true;
  }
}
