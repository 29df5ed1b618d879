import type { Delivery } from "./delivery.ts";
import { compileTemplate } from "./template.ts";

/** Headers of which some depend on the delivery. */
export interface HeaderTemplates {
  /** The same on every request. */
  readonly standing: Readonly<Record<string, string>>;
  /** Names of the others. */
  readonly names: readonly string[];
  /** What the config says in those, between the outputs: it may be a secret. Short ones are left out. */
  readonly texts: readonly string[];
  render(delivery: Delivery): Record<string, string>;
  /** For people: what the config says is masked, as it may be a secret, what comes from the delivery is not. */
  preview(delivery: Delivery): Record<string, string>;
}

const markup = /(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/;

/** @throws KevError (usage) for templates that do not compile */
export function compileHeaders(headers: Readonly<Record<string, string>>): HeaderTemplates {
  const entries = Object.entries(headers);
  const changing = entries.filter(([, source]) => markup.test(source));
  const templates = changing.map(([name, source]) => [name, compileTemplate(source, `headers.${name}`)] as const);
  const masked = changing.map(([name, source]) => [name, compileTemplate(withoutText(source))] as const);
  return {
    standing: Object.fromEntries(entries.filter(([, source]) => !markup.test(source))),
    names: changing.map(([name]) => name),
    texts: changing.flatMap(([, source]) => textsOf(source)).filter(({ length }) => length >= 12),
    render: (delivery) => rendered(templates, delivery),
    preview: (delivery) => rendered(masked, delivery),
  };
}

function rendered(
  templates: readonly (readonly [string, { render(delivery: Delivery): string }])[],
  delivery: Delivery,
) {
  // A line break from an event would begin another header.
  return Object.fromEntries(
    templates.map(([name, template]) => [name, template.render(delivery).replace(/[\0-\x08\x0a-\x1f\x7f]+/g, " ")]),
  );
}

function textsOf(source: string): string[] {
  return source
    .split(markup)
    .filter((_part, index) => index % 2 === 0)
    .map((text) => text.trim());
}

function withoutText(source: string): string {
  const parts = source.split(markup);
  return parts.map((part, index) => (index % 2 === 1 || part.trim() === "" ? part : "***")).join("");
}
