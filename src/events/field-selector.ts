/** `field=value` of each member that has a value, joined by commas, as the API takes it. */
export function fieldSelector(fields: Readonly<Record<string, string | undefined>>): string {
  const terms = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return terms.map(([field, value]) => `${field}=${escapeFieldValue(value)}`).join(",");
}

/** Source: k8s.io/apimachinery/pkg/fields, EscapeValue. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, "\\$&");
}
