import { isRecord } from "../util/is-record.ts";
import type { HttpResponse } from "./http-answer.ts";

/**
 * The JSON object that an answer is, without members where the answer is empty. Undefined for all else, cut answers too: what
 * says 200 with a page of HTML is a proxy or a log-in, and nothing was taken.
 */
export function answerObject({ body, isCut }: HttpResponse): Record<string, unknown> | undefined {
  if (isCut) return undefined;
  if (body.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
