import { sortedEntries } from "../go-json.ts";
import { goType, isMap } from "./go-type.ts";
import { JsonPathFault, type Slice } from "./node.ts";

/** The members of this name of those inputs that are objects and have it; a null member counts. */
export function selectField(inputs: unknown[], name: string, allowMissingKeys: boolean): unknown[] {
  const found = inputs.flatMap((input) => (isMap(input) && Object.hasOwn(input, name) ? [input[name]] : []));
  if (found.length === 0 && inputs.length > 0 && !allowMissingKeys) throw new JsonPathFault(`${name} is not found`);
  return found;
}

/** Every member of every input. Go walks maps at random; here keys are sorted. */
export function selectAll(inputs: unknown[]): unknown[] {
  return inputs.flatMap(childrenOf);
}

/** Every input that has members, each followed by those below it that have. */
export function selectRecursively(inputs: unknown[]): unknown[] {
  return inputs.flatMap((input) => {
    const children = childrenOf(input);
    return children.length === 0 ? [] : [input, ...selectRecursively(children)];
  });
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (isMap(value)) return sortedEntries(value).map(([, member]) => member);
  // A Go string is bytes.
  return typeof value === "string" ? [...Buffer.from(value)] : [];
}

/** The elements of each input array that the slice names. */
export function selectSlice(inputs: unknown[], slice: Slice): unknown[] {
  const found: unknown[] = [];
  for (const input of inputs) {
    if (input === null || input === undefined) continue;
    if (!Array.isArray(input)) throw new JsonPathFault(`${goType(input)} is not array or slice`, inputs);
    const { length } = input;
    const start = fromEnd(slice.start ?? 0, length);
    let end = slice.end ?? length;
    if (end < 0 || (end === 0 && slice.single)) end += length;
    // As in client-go, an empty slice ends the selection, bounds unchecked.
    if (start === end) return found;
    checkBounds(start, end, length, inputs);
    const step = slice.step ?? 1;
    if (step <= 0) throw new JsonPathFault("step must be > 0", inputs);
    for (let index = start; index < end; index += step) found.push(input[index]);
  }
  return found;
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function checkBounds(start: number, end: number, length: number, inputs: unknown[]): void {
  const outOf = (index: number): string => `array index out of bounds: index ${index}, length ${length}`;
  if (start >= length || start < 0) throw new JsonPathFault(outOf(start), inputs);
  if (end > length || end < 0) throw new JsonPathFault(outOf(end - 1), inputs);
  if (start > end) throw new JsonPathFault(`starting index ${start} is greater than ending index ${end}`, inputs);
}
