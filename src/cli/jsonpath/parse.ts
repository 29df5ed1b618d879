import { type Cursor, next, peek, startsWith, takeWhile } from "./cursor.ts";
import { JsonPathFault, type JsonPathNode, type ListNode } from "./node.ts";
import { parseArray, parseFilter } from "./parse-bracket.ts";
import { unquote } from "./unquote.ts";

const wordCharacter = /^[\p{L}\p{Nd}_]$/u;
const endsName = /^[ \t\r\n.,[\]$@{}]$/;

/**
 * A template in kubectl's jsonpath dialect as nodes: text outside braces, steps inside them.
 *
 * Throws {@link JsonPathFault} with client-go's message. Source: k8s.io/client-go/util/jsonpath, parser.go.
 */
export function parseTemplate(input: string): JsonPathNode[] {
  const cursor: Cursor = { input, position: 0 };
  const nodes: JsonPathNode[] = [];
  while (cursor.position < input.length) {
    const text = takeWhile(cursor, (character) => character !== "{");
    if (text !== "") nodes.push({ type: "text", text });
    if (next(cursor) === "{") nodes.push({ type: "list", nodes: parseAction(cursor) });
  }
  return nodes;
}

/** What stands inside one pair of braces, given without them. */
export function parseExpression(expression: string): ListNode {
  const [first] = parseTemplate(`{${expression}}`);
  return first?.type === "list" ? first : { type: "list", nodes: [] };
}

function parseAction(cursor: Cursor): JsonPathNode[] {
  const nodes: JsonPathNode[] = [];
  while (!startsWith(cursor, "}")) nodes.push(...parseStep(cursor, nodes.at(-1)));
  cursor.position++;
  return nodes;
}

function parseStep(cursor: Cursor, previous: JsonPathNode | undefined): JsonPathNode[] {
  if (startsWith(cursor, "[?(")) return [parseFilter(cursor, parseExpression)];
  if (startsWith(cursor, "..")) return parseRecursive(cursor, previous);
  const character = peek(cursor) ?? "\n";
  if (/^[-+\p{Nd}]$/u.test(character)) return [parseNumber(cursor)];
  if (wordCharacter.test(character)) return [parseWord(cursor)];
  if (character === '"' || character === "'") return [parseQuoted(cursor, character)];
  if (character === "[") return parseArray(cursor, parseExpression);
  next(cursor);
  if (character === ".") return [parseField(cursor)];
  // The current object is what every step starts from anyway.
  if (character === " " || character === "@" || character === "$") return [];
  if (character === "\n" || character === "\r") throw new JsonPathFault("unclosed action");
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  throw new JsonPathFault(`unrecognized character in action: U+${code} '${character}'`);
}

function parseRecursive(cursor: Cursor, previous: JsonPathNode | undefined): JsonPathNode[] {
  if (previous?.type === "recursive") throw new JsonPathFault("invalid multiple recursive descent");
  cursor.position += 2;
  return wordCharacter.test(peek(cursor) ?? "") ? [{ type: "recursive" }, parseField(cursor)] : [{ type: "recursive" }];
}

function parseField(cursor: Cursor): JsonPathNode {
  let name = "";
  for (let character = peek(cursor); character !== undefined && !endsName.test(character); character = peek(cursor)) {
    name += next(cursor);
    // A backslash takes the next character along, whatever it is.
    if (character === "\\") name += next(cursor) ?? "";
  }
  return name === "*" ? { type: "wildcard" } : { type: "field", name: name.replaceAll("\\", "") };
}

function parseWord(cursor: Cursor): JsonPathNode {
  const name = takeWhile(cursor, (character) => !endsName.test(character));
  return name === "true" || name === "false" ? { type: "literal", value: name === "true" } : { type: "word", name };
}

function parseNumber(cursor: Cursor): JsonPathNode {
  const sign = /^[-+]/.test(peek(cursor) ?? "") ? next(cursor) : "";
  const text = sign + takeWhile(cursor, (character) => /^[.\p{Nd}]$/u.test(character));
  if (!/^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) throw new JsonPathFault(`cannot parse number ${text}`);
  return { type: "literal", value: Number(text) };
}

function parseQuoted(cursor: Cursor, quote: string): JsonPathNode {
  const start = cursor.position;
  next(cursor);
  for (;;) {
    const character = next(cursor);
    if (character === undefined || character === "\n") throw new JsonPathFault("unterminated quoted string");
    if (character === quote && cursor.input[cursor.position - 2] !== "\\") break;
  }
  const quoted = cursor.input.slice(start, cursor.position);
  const text = unquote(quoted);
  if (text === undefined) throw new JsonPathFault(`unquote string ${quoted} error invalid syntax`);
  return { type: "text", text };
}
