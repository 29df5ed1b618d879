import { createHmac } from "node:crypto";
import { isRecord } from "../util/is-record.ts";
import { type FieldPath, pathText } from "./field-path.ts";

/** In place of a value that is not kept: it is compared by a hash, under a key that is the state's own. */
export interface HiddenValue {
  readonly "\u0000": string;
}

/** Hides a value at a path of one object: otherwise under each key, path and object. */
export type Hide = (path: FieldPath, value: unknown) => HiddenValue;

export function createHide(hashKey: string, uid: string): Hide {
  return (path, value) => {
    const text = JSON.stringify([uid, pathText(path), value]);
    return { "\u0000": createHmac("sha256", hashKey).update(text).digest("base64url").slice(0, 22) };
  };
}

export function isHidden(value: unknown): value is HiddenValue {
  return isRecord(value) && "\u0000" in value;
}
