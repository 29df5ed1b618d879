import { usageError } from "../util/errors.ts";
import { compareCodePoints } from "./go-json.ts";
import { goType } from "./jsonpath/go-type.ts";

/** A value as `--sort-by` takes it: a number, a text with what it means as a number, or nothing. */
export type SortKey = number | { text: string; quantity: Quantity | undefined } | undefined;

/** Whole numbers are exact: resourceVersions may be longer than a double holds. */
type Quantity = bigint | number;

/**
 * The key of a value that a JSONPath selected. Null counts as nothing.
 *
 * Throws a usage error with kubectl's words for values without an order: objects, lists, booleans.
 */
export function sortKey(value: unknown, field: string): SortKey {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  if (typeof value === "string") return { text: value, quantity: quantityOf(value) };
  throw usageError(`field ${field} is an unsortable type: ${goType(value)}`, {
    hint: "sort by a text or a number, like .lastTimestamp, .reason or .count",
  });
}

/**
 * Orders keys as kubectl's `--sort-by`: nothing first, numbers and quantities (`10`, `500m`, `2Gi`) by what they mean,
 * other texts by code point. Numbers come before texts, where kubectl gives up.
 *
 * Source: isLess of k8s.io/kubectl/pkg/cmd/get/sorter.go.
 */
export function compareFields(a: SortKey, b: SortKey): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === "number" || typeof b === "number") {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return typeof a === "number" ? -1 : 1;
  }
  if (a.quantity === undefined || b.quantity === undefined) return compareCodePoints(a.text, b.text);
  if (a.quantity === b.quantity) return 0;
  return a.quantity < b.quantity ? -1 : 1;
}

const wholeNumber = /^[+-]?\d+$/;
const quantity = /^([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

// k8s.io/apimachinery/pkg/api/resource, ParseQuantity.
function quantityOf(text: string): Quantity | undefined {
  if (wholeNumber.test(text)) return BigInt(text.replace("+", ""));
  const [, amount, suffix = ""] = quantity.exec(text) ?? [];
  if (amount === undefined) return undefined;
  if (binary.includes(suffix)) return Number(amount) * 1024 ** (binary.indexOf(suffix) + 1);
  const power = decimal.indexOf(suffix);
  return power === -1 ? Number(amount + suffix) : Number(amount) * 1000 ** (power - decimal.indexOf(""));
}
