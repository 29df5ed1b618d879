import { compare, goText } from "./go-type.ts";
import { JsonPathFault, type JsonPathNode, type ListNode } from "./node.ts";
import { selectAll, selectField, selectRecursively, selectSlice } from "./select.ts";

/** What one part of a template came to. */
export interface Found {
  values: unknown[];
  /** True when the template says it (`text`, `{"\n"}`, `{3}`), false when the data does. */
  literal: boolean;
}

interface Run {
  readonly nodes: JsonPathNode[];
  readonly allowMissingKeys: boolean;
  /** Ranges that are open around the part at hand. */
  depth: number;
  /** Ranges begun, and ends met, by the part at hand. */
  begun: number;
  ended: number;
  /** Where the innermost range that was closed last has its `{end}`. */
  lastEnd: number;
}

/**
 * What a parsed template selects from the data, part by part.
 *
 * Throws {@link JsonPathFault} with client-go's message. Source: k8s.io/client-go/util/jsonpath, jsonpath.go.
 */
export function evaluate(nodes: JsonPathNode[], data: unknown, allowMissingKeys: boolean): Found[] {
  return evaluateFrom({ nodes, allowMissingKeys, depth: 0, begun: 0, ended: 0, lastEnd: -1 }, 0, data);
}

function evaluateFrom(run: Run, from: number, data: unknown): Found[] {
  const found: Found[] = [];
  for (let index = from; index < run.nodes.length; index++) {
    const node = run.nodes[index];
    if (node === undefined) break;
    const values = step(run, [data], node);
    if (run.ended > 0) {
      run.ended--;
      run.lastEnd = index;
      break;
    }
    if (run.begun > 0) {
      run.begun--;
      found.push(...evaluateRange(run, index + 1, values));
      // Without an {end}, client-go goes on with what follows the range once more.
      if (run.lastEnd > index) index = run.lastEnd;
    } else {
      found.push({ values, literal: isLiteral(node) });
    }
  }
  return found;
}

function evaluateRange(run: Run, from: number, values: unknown[]): Found[] {
  run.depth++;
  // An empty range is walked too, to find its end.
  const found = values.length > 0 ? values.flatMap((value) => evaluateFrom(run, from, value)) : [];
  if (values.length === 0) evaluateFrom(run, from, undefined);
  run.depth--;
  return found;
}

function isLiteral(node: JsonPathNode): boolean {
  if (node.type === "list") return node.nodes.length > 0 && node.nodes.slice(-1).every(isLiteral);
  return node.type === "text" || node.type === "literal";
}

function step(run: Run, inputs: unknown[], node: JsonPathNode): unknown[] {
  switch (node.type) {
    case "list":
      return node.nodes.reduce((current: unknown[], inner) => step(run, current, inner), inputs);
    case "text":
      return [node.text];
    case "literal":
      return inputs.map(() => node.value);
    case "field":
      return selectField(inputs, node.name, run.allowMissingKeys);
    case "slice":
      return selectSlice(inputs, node.slice);
    case "wildcard":
      return selectAll(inputs);
    case "recursive":
      return selectRecursively(inputs);
    case "union":
      return selectUnion(run, inputs, node.members);
    case "filter":
      return selectMatching(run, inputs, node);
    case "word":
      return obeyWord(run, inputs, node.name);
  }
}

function obeyWord(run: Run, inputs: unknown[], name: string): unknown[] {
  if (name === "range") {
    run.begun++;
    return inputs;
  }
  if (name !== "end") throw new JsonPathFault(`unrecognized identifier ${name}`, inputs);
  if (run.depth === 0) throw new JsonPathFault("not in range, nothing to end");
  run.ended++;
  return [];
}

function selectUnion(run: Run, inputs: unknown[], members: ListNode[]): unknown[] {
  try {
    return members.flatMap((member) => step(run, inputs, member));
  } catch (error) {
    throw error instanceof JsonPathFault ? new JsonPathFault(error.message, inputs) : error;
  }
}

type FilterNode = Extract<JsonPathNode, { type: "filter" }>;

function selectMatching(run: Run, inputs: unknown[], filter: FilterNode): unknown[] {
  const found: unknown[] = [];
  for (const input of inputs) {
    if (input === undefined) continue;
    if (!Array.isArray(input)) {
      throw new JsonPathFault(`${goText(input)} is not array or slice and cannot be filtered`, inputs);
    }
    for (const element of input) {
      if (
        filter.operator === "exists" ? exists(run, element, filter.left) : holds(run, element, filter, inputs, found)
      ) {
        found.push(element);
      }
    }
  }
  return found;
}

// client-go ignores what went wrong here and asks whether anything was left when it did.
function exists(run: Run, element: unknown, path: ListNode): boolean {
  try {
    return step(run, [element], path).length > 0;
  } catch (error) {
    if (error instanceof JsonPathFault) return error.partial.length > 0;
    throw error;
  }
}

const operators = new Set(["<", ">", "==", "!=", "<=", ">="]);

function holds(run: Run, element: unknown, filter: FilterNode, inputs: unknown[], found: unknown[]): boolean {
  const operands: unknown[] = [];
  for (const side of [filter.left, filter.right]) {
    const values = step(run, [element], side);
    if (values.length === 0) return false;
    if (values.length > 1) throw new JsonPathFault("can only compare one element at a time", inputs);
    operands.push(values[0]);
  }
  if (!operators.has(filter.operator)) {
    throw new JsonPathFault(`unrecognized filter operator ${filter.operator}`, found);
  }
  try {
    return compare(operands[0], filter.operator, operands[1]);
  } catch (error) {
    throw new JsonPathFault(error instanceof Error ? error.message : String(error), found);
  }
}
