import { LineCounter, parseAllDocuments, type ScalarTag } from "yaml";
import { usageError } from "../util/errors.ts";
import { isRecord } from "../util/is-record.ts";

/** One document of a text. */
export interface ParsedDocument {
  /** Neither null nor undefined. */
  value: unknown;
  /** Its node, which knows the places of its parts. */
  contents: unknown;
  at: Locate;
}

/**
 * The documents of one text, as kubectl reads it: YAML documents, or JSON objects one after another; empty ones are left
 * out.
 *
 * @param source what errors call the text: its path, or `STDIN`
 * @throws usage error with file and line
 */
export function* parseDocuments(text: string, source: string): Generator<ParsedDocument> {
  for (const part of splitJson(text)) {
    const lines = new LineCounter();
    const at: Locate = (offset) => `${source}:${part.line + lineOf(lines, offset)}`;
    // kubectl's parser takes a key that comes twice (the last one counts) and YAML 1.1's merge keys.
    const documents = parseAllDocuments(part.text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      merge: true,
      logLevel: "silent",
      customTags: (tags) => [oldBoolean, oldNumber, ...tags],
    });
    if (!Array.isArray(documents)) continue;
    for (const document of documents) {
      const [error] = document.errors;
      if (error) {
        const column = lines.linePos(error.pos[0]).col;
        throw usageError(`error parsing ${at(error.pos[0])}:${column}: ${error.message}`, { cause: error });
      }
      let value: unknown;
      try {
        value = document.toJS();
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw usageError(`error parsing ${at(offsetOf(document.contents))}: ${message}`, { cause });
      }
      if (value === null || value === undefined) continue;
      yield { value, contents: document.contents, at };
    }
  }
}

// What sigs.k8s.io/yaml still reads as in YAML 1.1 and what could be a name of an object: kubectl takes it for none.
const oldBoolean: ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test: /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|on)/i.test(text),
};
const oldNumber: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^0b[01]+$/,
  resolve: (text) => Number(text),
};

/** The place of a character, as `app.yaml:12`. */
export type Locate = (offset: number) => string;

interface Part {
  text: string;
  /** Lines before it. */
  line: number;
}

interface Token {
  brace: "{" | "}";
  index: number;
}

// Braces outside strings and comments. By hand: a regular expression overflows its stack in a string of some megabytes.
function* bracesOf(text: string): Generator<Token> {
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "{" || character === "}") yield { brace: character, index };
    else if (character === '"') index = endOfString(text, index);
    else if (character === "#" && (index === 0 || /\s/.test(text[index - 1] ?? ""))) index = endOfLine(text, index);
  }
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '"') return index;
    if (text[index] === "\\") index++;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}

// JSON objects may follow each other without a separator (`kubectl get -o json` twice), which YAML does not know.
function splitJson(text: string): Part[] {
  const parts: Part[] = [];
  let start = 0;
  let line = 0;
  let depth = 0;
  const push = (end: number): void => {
    const part = text.slice(start, end);
    if (part.trim() !== "") parts.push({ text: part, line });
    line += part.split("\n").length - 1;
    start = end;
  };
  for (const { brace, index } of bracesOf(text)) {
    // Only what begins with a brace, perhaps after comments, is JSON; the rest of the text is YAML as a whole.
    if (depth === 0 && (brace !== "{" || !isBlank(text.slice(start, index)))) break;
    if (brace === "{") depth++;
    else if (--depth === 0) push(index + 1);
  }
  push(text.length);
  return parts;
}

function isBlank(text: string): boolean {
  return text.split("\n").every((line) => /^(?:#|---$|$)/.test(line.trim()));
}

// Nodes of `yaml` are told by their shape, so that who asks needs no name of the library.
export function offsetOf(node: unknown): number {
  const range = isRecord(node) ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : 0;
}

function lineOf(lines: LineCounter, offset: number): number {
  return Math.max(lines.linePos(offset).line, 1);
}
