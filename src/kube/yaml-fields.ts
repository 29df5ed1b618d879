import { usageError } from "../util/errors.ts";

/** A mapping of a YAML document, and where in the document it stands. */
export interface Fields {
  readonly at: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** `value` as a mapping; null and undefined are an empty one, as in Go. */
export function fieldsOf(value: unknown, at: string): Fields {
  if (value === undefined || value === null) return { at, values: {} };
  if (typeof value !== "object" || Array.isArray(value)) throw wrongShape(at, "a mapping", value);
  return { at, values: { ...value } };
}

/** A member that must be text; empty when it is missing. */
export function textField(fields: Fields, key: string): string {
  const value = fields.values[key];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw wrongShape(pathOf(fields, key), "a string", value);
  return value;
}

/** A member that must be true or false; false when it is missing. */
export function flagField(fields: Fields, key: string): boolean {
  const value = fields.values[key];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw wrongShape(pathOf(fields, key), "true or false", value);
  return value;
}

/** A member that must be base64, decoded to text. */
export function base64Field(fields: Fields, key: string): string {
  const encoded = textField(fields, key).replace(/[\r\n]/g, "");
  const valid = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(encoded)?.[0].length ?? 0;
  if (valid < encoded.length) {
    const stray = encoded.search(/[^A-Za-z0-9+/]/);
    throw usageError(`${pathOf(fields, key)}: illegal base64 data at input byte ${stray < 0 ? valid : stray}`);
  }
  return Buffer.from(encoded, "base64").toString();
}

/** A member that must be a list; empty when it is missing. Each item comes with its path. */
export function listField(fields: Fields, key: string): { at: string; value: unknown }[] {
  const value = fields.values[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongShape(pathOf(fields, key), "a list", value);
  return value.map((item, index) => ({ at: `${pathOf(fields, key)}[${index}]`, value: item as unknown }));
}

/** A member that must be a list of text. */
export function textListField(fields: Fields, key: string): string[] {
  return listField(fields, key).map(({ at, value }) => {
    if (typeof value !== "string") throw wrongShape(at, "a string", value);
    return value;
  });
}

/** A member that must be a mapping. */
export function mappingField(fields: Fields, key: string): Fields {
  return fieldsOf(fields.values[key], pathOf(fields, key));
}

function pathOf(fields: Fields, key: string): string {
  return fields.at === "" ? key : `${fields.at}.${key}`;
}

function wrongShape(at: string, expected: string, value: unknown): Error {
  // Names the type, never the value: it may be a secret.
  const got =
    value === null
      ? "null"
      : Array.isArray(value)
        ? "a list"
        : typeof value === "object"
          ? "a mapping"
          : `a ${typeof value}`;
  return usageError(`${at === "" ? "the document" : at}: expected ${expected}, got ${got}`);
}
