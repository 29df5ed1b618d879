import { isRecord, recordOf } from "../util/is-record.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * Whether a LabelSelector of the API selects what bears `labels`; an empty one selects everything. What cannot be
 * understood selects nothing.
 *
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector.
 */
export function selects(selector: unknown, labels: Labels): boolean {
  if (!isRecord(selector)) return false;
  const expressions: unknown = selector.matchExpressions ?? [];
  if (!Array.isArray(expressions)) return false;
  const pairs = Object.entries(recordOf(selector.matchLabels ?? {}));
  return pairs.every(([key, value]) => labels[key] === value) && expressions.every((one) => holds(one, labels));
}

function holds(expression: unknown, labels: Labels): boolean {
  const { key, operator, values } = recordOf(expression);
  if (typeof key !== "string") return false;
  const value = labels[key];
  const isListed = Array.isArray(values) && value !== undefined && values.includes(value);
  switch (operator) {
    case "In":
      return isListed;
    case "NotIn":
      return !isListed;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
