import { checkContent, checkReason, type EventContent } from "../events/build-event.ts";
import type { EventType } from "../events/event.ts";
import { decisionOf, type Preset } from "../events/presets.ts";
import { KevError, usageError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";

/** What an event is to say, as a caller asks for it; all but `what` is optional. */
export interface ContentInput {
  /** A preset in lower case (`approve`) or a reason in UpperCamelCase (`DatabaseMigrated`). */
  what: string;
  /** At most 1024 bytes; default the preset's, else empty. */
  message?: string | undefined;
  /** Instead of the preset's. */
  reason?: string | undefined;
  /** `Normal` or `Warning`; default the preset's, else `Normal`. */
  type?: string | undefined;
  /** Default the preset's, else `kev`. */
  component?: string | undefined;
  /** Default the machine's host name. */
  instance?: string | undefined;
  action?: string | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
  /** Cut a message that is too long instead of refusing it. */
  truncate?: boolean | undefined;
  /** What counts where neither the members above nor the preset say anything, as a config file has it. */
  defaults?: ContentDefaults | undefined;
}

/** Labels and annotations are joined key by key: a preset's own win over these, the caller's over both. */
export interface ContentDefaults {
  component?: string | undefined;
  instance?: string | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
}

export interface ResolvedContent {
  content: EventContent;
  /** Kind that a bare NAME is of, where the preset says so. */
  defaultKind: string | undefined;
  /** Set when this is a decision about a release: `approve`, or any event with a decision's reason. */
  decision: Preset | undefined;
}

/**
 * What `input` says, with its preset filled in and every limit checked.
 *
 * @throws usage error that names what is wrong
 */
export function resolveContent(
  input: ContentInput,
  presets: readonly Preset[],
  hostName: () => string,
): ResolvedContent {
  const { defaults } = input;
  const preset = presetOf(input.what, presets);
  const reason = input.reason ?? preset?.reason ?? input.what;
  const decision = decisionOf(reason);
  if (preset !== undefined && decisionOf(preset.reason) !== undefined && decision?.reason !== preset.reason) {
    throw usageError(`the reason of ${preset.name} is ${preset.reason} and cannot be changed`);
  }
  if (decision !== undefined && input.type !== undefined && input.type !== decision.type) {
    throw usageError(`the type of a decision (${decision.reason}) is ${decision.type} and cannot be changed`);
  }
  if ((preset?.needsMessage || decision?.needsMessage) && !hasText(input.message)) {
    throw usageError(`${input.what} needs a message that says why`, {
      hint: (name) => `say it with ${name("message")}`,
    });
  }
  const content: EventContent = {
    reason,
    type: eventType(input.type ?? preset?.type ?? decision?.type ?? "Normal"),
    message: input.message ?? preset?.message ?? "",
    component: input.component ?? preset?.component ?? defaults?.component ?? "kev",
    instance: input.instance ?? defaults?.instance ?? hostName(),
    action: input.action ?? preset?.action,
    labels: { ...defaults?.labels, ...preset?.labels, ...input.labels },
    annotations: { ...defaults?.annotations, ...preset?.annotations, ...input.annotations },
  };
  return { content: checkContent(content, input.truncate), defaultKind: preset?.kind, decision };
}

function presetOf(what: string, presets: readonly Preset[]): Preset | undefined {
  const preset = presets.find(({ name }) => name === what);
  if (preset !== undefined) return preset;
  if (/^[A-Z]/.test(what)) {
    checkReason(what);
    return undefined;
  }
  const names = presets.map(({ name }) => name);
  const close = nearest(what, names);
  throw new KevError("usage", `no such preset "${what}"`, {
    hint:
      close.length > 0
        ? `did you mean ${close.join(" or ")}? a reason is written in UpperCamelCase`
        : "kev presets lists them; a reason is written in UpperCamelCase",
  });
}

function eventType(type: string): EventType {
  if (type === "Normal" || type === "Warning") return type;
  const close = ["Normal", "Warning"].find((known) => known.toLowerCase() === type.toLowerCase());
  throw usageError(`type "${type}" is not one of Normal, Warning`, { hint: close && `did you mean ${close}?` });
}

/** False for what nobody can see: blanks, format characters like U+200B. */
function hasText(text = ""): boolean {
  return /[^\p{Z}\p{C}]/u.test(text);
}
