import { type ZodType, z } from "zod";
import { isRecord, recordOf } from "../../util/is-record.ts";

/** A member of a sink's map, as `kev route sinks` shows it. */
export interface SinkField {
  /** `url`, `tls.caFile`. */
  readonly name: string;
  /** `string`, `number`, `a or b`, `list of string`, `map`. */
  readonly type: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly description: string;
  /** Never shown, and best given by `fromEnv` or `fromFile`. */
  readonly secret: boolean;
  /** Liquid: a string, or any JSON whose strings are. */
  readonly template: boolean;
}

type Schema = Record<string, unknown>;

/** The members that a schema of options has, those of inner maps after them. */
export function sinkFields(options: ZodType): SinkField[] {
  return fieldsOf(jsonSchema(options), "");
}

/** The keys that a map at this path may have. */
export function optionKeys(options: ZodType, path: readonly PropertyKey[]): string[] {
  let schemas = [jsonSchema(options)];
  for (const key of path) schemas = schemas.flatMap((schema) => inner(schema, key));
  return schemas.flatMap(alternatives).flatMap((schema) => Object.keys(recordOf(schema.properties)));
}

/** What may stand in the file, not what becomes of it. */
function jsonSchema(options: ZodType): Schema {
  return recordOf(z.toJSONSchema(options, { io: "input", unrepresentable: "any" }));
}

function alternatives(schema: Schema): Schema[] {
  const any = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray);
  return any === undefined ? [schema] : any.filter(isRecord).flatMap(alternatives);
}

function inner(schema: Schema, key: PropertyKey): Schema[] {
  return alternatives(schema).flatMap((one) => {
    const next = typeof key === "number" ? one.items : recordOf(one.properties)[String(key)];
    return isRecord(next) ? [next] : isRecord(one.additionalProperties) ? [one.additionalProperties] : [];
  });
}

function fieldsOf(schema: Schema, prefix: string): SinkField[] {
  return alternatives(schema).flatMap((one) => {
    const required = Array.isArray(one.required) ? one.required : [];
    return Object.entries(recordOf(one.properties)).flatMap(([key, value]) => {
      const member = recordOf(value);
      const field: SinkField = {
        name: `${prefix}${key}`,
        type: typeOf(member),
        required: required.includes(key),
        default: member.default,
        description: typeof member.description === "string" ? member.description : "",
        secret: member.secret === true,
        template: member.template === true,
      };
      return [field, ...fieldsOf(member, `${prefix}${key}.`)];
    });
  });
}

function typeOf(schema: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.join(" or ");
  if (schema.const !== undefined) return String(schema.const);
  const several = alternatives(schema);
  if (several.length > 1 || several[0] !== schema) return [...new Set(several.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${typeOf(recordOf(schema.items))}`;
  if (schema.type === "object") return "map";
  return Array.isArray(schema.type) ? schema.type.join(" or ") : String(schema.type ?? "any");
}
