import { usageError } from "../util/errors.ts";
import type { ObjectReference } from "./event.ts";
import { escapeFieldValue } from "./field-selector.ts";
import {
  about,
  and,
  type EventMatcher,
  fromComponent,
  hasReason,
  hasType,
  messageMatches,
  not,
  or,
  seenSince,
  seenUntil,
} from "./match.ts";

/**
 * What events to keep, in the words of the flags. Each list holds any number of texts: an event needs one of those
 * without `!`, and none of those with it.
 */
export interface FilterTexts {
  /** `Normal`, `Warning`, in any case; `!Normal` keeps types that others made up, too. Commas part several. */
  types?: readonly string[] | undefined;
  /** Reasons; commas part several. */
  reason?: readonly string[] | undefined;
  /** Components the events are from; commas part several. */
  component?: readonly string[] | undefined;
  /** JavaScript's regular expressions (flag `u`) for messages; `(?i)` in front ignores case. Commas are part of them. */
  grep?: readonly string[] | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
  /** Events about one of these objects. */
  about?: readonly ObjectReference[] | undefined;
}

/** What errors call the filters; default: their own names. */
export type FilterNames = Partial<Record<"types" | "reason" | "component" | "grep", string>>;

export interface CompiledFilters {
  /** All of the filters. */
  matcher: EventMatcher;
  /** What the server can do of them; it lets through all that the matcher matches. Undefined when that is nothing. */
  fieldSelector: string | undefined;
}

/**
 * Makes the filters of `kev events` and `kev wait`.
 *
 * The selector uses the fields of events that the server can select by, which it compares exactly and joins with "and":
 * one value that is wanted, or any number that are not. Source: ToSelectableFields of
 * k8s.io/kubernetes/pkg/registry/core/event.
 *
 * @throws usage error for an empty text, another type, a regular expression that is none, an `until` before `since`
 */
export function compileFilters(texts: FilterTexts, names: FilterNames = {}): CompiledFilters {
  const types = checkedTypes(split(names.types ?? "types", texts.types), names.types ?? "types");
  const reasons = split(names.reason ?? "reason", texts.reason);
  const components = split(names.component ?? "component", texts.component);
  const { since, until } = texts;
  if (since && until && until < since) throw usageError("until is before since");
  const matchers = [
    matching(types, hasType),
    matching(reasons, hasReason),
    matching(components, fromComponent),
    matching(grepTerms(names.grep ?? "grep", texts.grep), (...regexes) => or(...regexes.map(messageMatches))),
    ...(since ? [seenSince(since)] : []),
    ...(until ? [seenUntil(until)] : []),
    ...(texts.about ? [or(...texts.about.map(about))] : []),
  ];
  const terms = [
    ...shared("involvedObject.kind", texts.about, ({ kind }) => kind),
    ...shared("involvedObject.name", texts.about, ({ name }) => name),
    ...selectorTerms("type", butForCase(types)),
    ...selectorTerms("reason", reasons),
    ...selectorTerms("source", components),
  ];
  return { matcher: and(...matchers), fieldSelector: terms.length === 0 ? undefined : terms.join(",") };
}

/** What one flag asks for. */
interface Terms<Value> {
  wanted: Value[];
  unwanted: Value[];
}

function split(filter: string, texts: readonly string[] = []): Terms<string> {
  return termsOf(
    filter,
    texts.flatMap((text) => text.split(",")).map((text) => text.trim()),
  );
}

function termsOf(filter: string, texts: readonly string[]): Terms<string> {
  const wanted = new Set<string>();
  const unwanted = new Set<string>();
  for (const text of texts) {
    const value = text.replace(/^!/, "");
    if (value === "") throw usageError(`${filter} has an empty value`);
    (value === text ? wanted : unwanted).add(value);
  }
  return { wanted: [...wanted], unwanted: [...unwanted] };
}

function checkedTypes({ wanted, unwanted }: Terms<string>, filter: string): Terms<string> {
  const checked = (type: string): string => {
    const lower = type.toLowerCase();
    if (lower === "normal") return "Normal";
    if (lower === "warning") return "Warning";
    throw usageError(`valid ${filter} are Normal or Warning`);
  };
  return { wanted: [...new Set(wanted.map(checked))], unwanted: [...new Set(unwanted.map(checked))] };
}

function grepTerms(filter: string, texts: readonly string[] = []): Terms<RegExp> {
  const { wanted, unwanted } = termsOf(filter, texts);
  const compiled = (text: string): RegExp => regexOf(filter, text);
  return { wanted: wanted.map(compiled), unwanted: unwanted.map(compiled) };
}

function regexOf(filter: string, text: string): RegExp {
  const [, flags = "", pattern = text] = /^\(\?([ims]+)\)(.*)$/s.exec(text) ?? [];
  try {
    return new RegExp(pattern, `u${[...new Set(flags)].join("")}`);
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message.replace(/^Invalid regular expression: .*: /s, "")}` : "";
    throw usageError(`${filter} ${JSON.stringify(text)} is no regular expression${why}`, {
      cause,
      hint: "a backslash before ( [ { . * + ? | makes it an ordinary character",
    });
  }
}

function matching<Value>(terms: Terms<Value>, matcherOf: (...values: Value[]) => EventMatcher): EventMatcher {
  const { wanted, unwanted } = terms;
  return and(
    ...(wanted.length === 0 ? [] : [matcherOf(...wanted)]),
    ...(unwanted.length === 0 ? [] : [not(matcherOf(...unwanted))]),
  );
}

/** The server knows no type in another case, which hasType matches: it gets what is certainly not wanted instead. */
function butForCase({ wanted, unwanted }: Terms<string>): Terms<string> {
  const [only, ...others] = wanted;
  if (only === undefined || others.length > 0) return { wanted: [], unwanted };
  return { wanted: [], unwanted: [...new Set([...unwanted, only === "Normal" ? "Warning" : "Normal"])] };
}

function selectorTerms(field: string, { wanted, unwanted }: Terms<string>): string[] {
  const [only, ...others] = wanted;
  if (only !== undefined && others.length === 0) return [`${field}=${escapeFieldValue(only)}`];
  return unwanted.map((value) => `${field}!=${escapeFieldValue(value)}`);
}

/** A term for what all references have alike. */
function shared(
  field: string,
  references: readonly ObjectReference[] = [],
  member: (reference: ObjectReference) => string | undefined,
): string[] {
  const [value, ...others] = new Set(references.map(member));
  return value && others.length === 0 ? [`${field}=${escapeFieldValue(value)}`] : [];
}
