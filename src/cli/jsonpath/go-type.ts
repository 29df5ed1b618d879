import { compareCodePoints, sortedEntries } from "../go-json.ts";
import { goNumber } from "../go-number.ts";

/** A JSON object, and not an array. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What Go calls the type of a decoded JSON value; client-go's messages name it. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return "map[string]interface {}";
}

/** A decoded JSON value as Go's `%v` prints it: `map[a:1 b:[x y]]`, `<nil>`. */
export function goText(value: unknown): string {
  if (typeof value === "number") return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, member]) => `${key}:${goText(member)}`)
      .join(" ")}]`;
  return value === null || value === undefined ? "<nil>" : String(value);
}

type Kind = "bool" | "number" | "string";

/**
 * Whether `left OPERATOR right` holds. Unlike Go, whole and fractional numbers compare: JSON has but one kind, and
 * `2 > 1.5` is an error there.
 *
 * Throws an Error with Go's text for values that do not compare.
 */
export function compare(left: unknown, operator: string, right: unknown): boolean {
  const kind = kindOf(left);
  if (kind !== kindOf(right)) throw new Error("incompatible types for comparison");
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (kind === "bool") throw new Error("invalid type for comparison");
  const order = kind === "number" ? Number(left) - Number(right) : compareCodePoints(String(left), String(right));
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

function kindOf(value: unknown): Kind {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "string";
  throw new Error("invalid type for comparison");
}
