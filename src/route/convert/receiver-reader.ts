import { isRecord, recordOf } from "../../util/is-record.ts";
import type { Remark } from "./differences.ts";
import { convertTemplate } from "./go-template.ts";
import { convertVariables, type SinkValue } from "./variables.ts";

/** Reads the members of a receiver, and knows in the end which of them nobody has read. */
export class ReceiverReader {
  /** Whether a template speaks of the object. */
  needsObject = false;
  readonly #members: Record<string, unknown>;
  readonly #name: string;
  readonly #remark: Remark;
  readonly #read = new Set<string>();

  constructor(members: Record<string, unknown>, { name, remark }: { name: string; remark: Remark }) {
    this.#members = members;
    this.#name = name;
    this.#remark = remark;
  }

  /** A value as it stands; undefined for what is empty, too, as Go has it. */
  raw(key: string): unknown {
    this.#read.add(key);
    const value = this.#members[key];
    return value === null || value === "" || value === false || value === 0 ? undefined : value;
  }

  text(key: string): SinkValue | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : this.#value(value, key);
  }

  texts(key: string): SinkValue[] {
    const value = this.raw(key);
    return Array.isArray(value) ? value.map((item, index) => this.#value(item, `${key}.${index}`)) : [];
  }

  flag(key: string): boolean {
    return this.raw(key) === true;
  }

  number(key: string): number | undefined {
    const value = Number(this.raw(key) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  }

  /** A map of texts; undefined when there are none. */
  map(key: string): Record<string, SinkValue> | undefined {
    const entries = Object.entries(recordOf(this.raw(key)));
    if (entries.length === 0) return undefined;
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#value(value, `${key}.${name}`)]));
  }

  /** A reader of the map below a key, which tells itself what nobody has read of it. */
  inner(key: string): ReceiverReader {
    const remark: Remark = (path, text) => this.#remark(path === "" ? key : `${key}.${path}`, text);
    return new ReceiverReader(recordOf(this.raw(key)), { name: `${this.#name}_${key}`, remark });
  }

  /** A Go template as a Liquid one. */
  template(key: string): SinkValue | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : this.#template(value, key);
  }

  templates(key: string): Record<string, SinkValue> | undefined {
    const entries = Object.entries(recordOf(this.raw(key)));
    if (entries.length === 0) return undefined;
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#template(value, `${key}.${name}`)]));
  }

  /** A `layout`: JSON whose strings are Go templates. */
  layout(key: string): unknown {
    const value = this.raw(key);
    return value === undefined ? undefined : this.#layout(value, key);
  }

  /** Says that a member has no counterpart. */
  leaveOut(key: string, why: string): void {
    if (this.raw(key) !== undefined) this.#remark(key, `is left out: ${why}`);
  }

  remark(key: string, text: string): void {
    this.#remark(key, text);
  }

  nameTheRest(): void {
    for (const key of Object.keys(this.#members)) {
      if (!this.#read.has(key)) this.#remark(key, "is left out: kubernetes-event-exporter does not know it");
    }
  }

  #value(value: unknown, path: string): SinkValue {
    const name = (): string => `${this.#name}_${path}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
    return convertVariables(String(value), name, (text) => this.#remark(path, text));
  }

  #template(value: unknown, path: string): SinkValue {
    const text = this.#value(value, path);
    if (typeof text !== "string") return text;
    const converted = convertTemplate(text);
    if ("text" in converted) {
      this.needsObject ||= converted.needsObject;
      return converted.text;
    }
    this.#remark(
      path,
      `this Go template is sent as it stands, to be written anew in Liquid: ${converted.untranslated}`,
    );
    return `{% raw %}${text}{% endraw %}`;
  }

  #layout(value: unknown, path: string): unknown {
    if (typeof value === "string") return this.#template(value, path);
    if (Array.isArray(value)) return value.map((item, index) => this.#layout(item, `${path}[${index}]`));
    if (isRecord(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, this.#layout(item, `${path}.${key}`)]),
      );
    }
    if (value !== null)
      this.#remark(path, "is sent as it is; kubernetes-event-exporter sends null for what is no text");
    return value;
  }
}
