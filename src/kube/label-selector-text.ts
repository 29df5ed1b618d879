import { isRecord, recordOf } from "../util/is-record.ts";

/**
 * A LabelSelector of the API as the text of a `labelSelector` query; undefined for one that cannot be understood.
 *
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector.
 */
export function labelSelectorText(selector: unknown): string | undefined {
  if (!isRecord(selector)) return undefined;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (!isRecord(matchLabels) || !Array.isArray(matchExpressions)) return undefined;
  const parts = Object.entries(matchLabels).map(([key, value]) => `${key}=${String(value)}`);
  for (const expression of matchExpressions) {
    const part = expressionText(expression);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts.join(",");
}

function expressionText(expression: unknown): string | undefined {
  const { key, operator, values } = recordOf(expression);
  if (typeof key !== "string") return undefined;
  switch (operator) {
    case "In":
    case "NotIn":
      return Array.isArray(values) ? `${key} ${operator.toLowerCase()} (${values.join(",")})` : undefined;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return undefined;
  }
}
