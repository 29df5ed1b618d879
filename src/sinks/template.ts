import { Liquid, LiquidError, type Template as LiquidNode, Output } from "liquidjs";
import { usageError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import type { Delivery } from "./delivery.ts";
import { SendError } from "./send-error.ts";

/** Text made from a delivery, whose members are the template's variables; one that is not there renders as nothing. */
export interface Template {
  /** @throws SendError, not retriable: what the template does takes too long or too much memory */
  render(delivery: Delivery): string;
}

/** JSON made from a delivery: always well-formed, whatever is in the event. */
export interface BodyTemplate {
  /** @throws as Template */
  render(delivery: Delivery): unknown;
}

// No code is run and no file is read by a template: tags that load others are gone, prototypes are out of sight. Times are
// UTC and names English, wherever kev runs, and nothing is left to chance: what is sent again must be the same bytes.
const options = {
  ownPropertyOnly: true,
  strictFilters: true,
  templates: {},
  timezoneOffset: 0,
  locale: "en-US",
  /** Characters. */
  parseLimit: 1e6,
  /** Roughly characters that filters make: a message has at most 1 MB, and may be used several times. */
  memoryLimit: 2 ** 26,
  /** Milliseconds. */
  renderLimit: 5_000,
};
const liquid = restricted(new Liquid(options));
const typed = restricted(new Liquid({ ...options, keepOutputType: true }));

/** Makes an output safe for what the text is part of; `{{ … | raw }}` is left as it is. */
export type EscapeOutput = (text: string) => string;

/**
 * Compiles a Liquid template whose outputs are escaped, so that nothing in an event can be taken for markup.
 *
 * @throws KevError (usage) as compileTemplate
 */
export function compileEscaped(source: string, name: string, escapeOutput: EscapeOutput): Template {
  const outputEscape = (value: unknown): string => escapeOutput(textOf(value));
  return compileWith(restricted(new Liquid({ ...options, outputEscape })), source, name);
}

function textOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return value === undefined || value === null ? "" : String(value);
}

/**
 * Compiles a Liquid template. All of Liquid's filters are there; `json` makes JSON of a value.
 *
 * @param name what errors call it: `template`, `body.text`
 * @throws KevError (usage) with Liquid's words, line and column
 */
export function compileTemplate(source: string, name = "template"): Template {
  return compileWith(liquid, source, name);
}

function compileWith(engine: Liquid, source: string, name: string): Template {
  const nodes = parse(engine, source, name);
  return { render: (delivery) => String(render(engine, nodes, delivery, name)) };
}

/**
 * Compiles any JSON value whose strings are templates; keys are not. A string that is a single output, such as
 * `"{{ count }}"` or `"{{ event.metadata.labels }}"`, gives that value as it is, a number or a map. All other strings give
 * strings.
 *
 * @throws KevError (usage) as compileTemplate
 */
export function compileBody(value: unknown, name = "body"): BodyTemplate {
  if (typeof value === "string") return compileLeaf(value, name);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileBody(item, `${name}[${index}]`));
    return { render: (delivery) => items.map((item) => item.render(delivery)) };
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => [key, compileBody(member, `${name}.${key}`)] as const);
    return {
      render: (delivery) => Object.fromEntries(members.map(([key, member]) => [key, member.render(delivery)])),
    };
  }
  return { render: () => value };
}

function compileLeaf(source: string, name: string): BodyTemplate {
  const nodes = parse(liquid, source, name);
  if (nodes.length !== 1 || !(nodes[0] instanceof Output)) return compileTemplate(source, name);
  return { render: (delivery) => render(typed, nodes, delivery, name) ?? "" };
}

function restricted(engine: Liquid): Liquid {
  for (const tag of ["include", "render", "layout", "block"]) delete engine.tags[tag];
  delete engine.filters.sample;
  return engine;
}

function parse(engine: Liquid, source: string, name: string): LiquidNode[] {
  try {
    return engine.parse(source);
  } catch (cause) {
    throw usageError(`${name}: ${liquidMessage(cause)}`, { cause });
  }
}

function render(engine: Liquid, nodes: LiquidNode[], delivery: Delivery, name: string): unknown {
  try {
    return engine.renderSync(nodes, delivery);
  } catch (cause) {
    throw new SendError(`${name}: ${liquidMessage(cause)}`, { retriable: false, cause });
  }
}

/** Liquid writes `…, line:1, col:5` behind its messages. */
function liquidMessage(error: unknown): string {
  const message = errorMessage(error).replace(/, line:(\d+), col:(\d+)$/, " (line $1, column $2)");
  return LiquidError.is(error) ? message : `cannot be used: ${message}`;
}
