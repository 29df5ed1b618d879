import type { Argument, Command, Option } from "commander";
import { commandPath, withSubcommands } from "../command-tree.ts";
import { rootOf } from "./read-command-line.ts";
import { type Candidate, plain } from "./reply.ts";

/** What a flag's value or an operand is: what to ask for candidates. */
export type ValueKind =
  | "clusters"
  | "containers"
  | "contexts"
  | "files"
  | "folders"
  | "namespaces"
  | "nothing"
  | "objects"
  | "presets"
  | "reasons"
  | "sinks"
  | "topics"
  | "types"
  | "users"
  | readonly Candidate[];

const eventTypes = plain(["Normal", "Warning"]);

/** Flags whose placeholder does not say what their value is. */
const byFlag: Readonly<Record<string, ValueKind>> = {
  "--cluster": "clusters",
  "--compat": plain(["eventrouter", "event_exporter"]),
  "--container": "containers",
  "--context": "contexts",
  "--dry-run": plain(["none", "client", "server"]),
  "--kind": "types",
  "--match": plain(["any", "all"]),
  "--object-resources": "types",
  "--on": "objects",
  "--type": eventTypes,
  "--types": eventTypes,
  "--user": "users",
};

const byPlaceholder: Readonly<Record<string, ValueKind>> = {
  dir: "folders",
  file: "files",
  object: "objects",
  reason: "reasons",
  reasons: "reasons",
  "type/name": "objects",
};

const byArgument: Readonly<Record<string, ValueKind>> = {
  object: "objects",
  topic: "topics",
  type: "types",
  url: "nothing",
  what: "presets",
};

/** The formats of `-o`, in all commands together; those that take a value end in `=`. */
const formats = [
  "wide",
  "name",
  "json",
  "jsonl",
  "yaml",
  "jsonpath=",
  "jsonpath-as-json=",
  "jsonpath-file=",
  "custom-columns=",
  "custom-columns-file=",
];

/**
 * What the value of a flag is, by the flag's choices, its name, or its placeholder: a command that keeps to the words of the
 * others (`<file>`, `<type/name>`, `<reason>`, `--…-namespace`) need not be known here. Nothing for what is free.
 */
export function kindOfOption(option: Option, command: Command): ValueKind {
  if (option.argChoices !== undefined) return plain(option.argChoices);
  const named = byFlag[option.long ?? ""];
  if (named !== undefined) return named;
  if (/^--(.*-)?namespace$/.test(option.long ?? "")) return "namespaces";
  const placeholder = placeholderOf(option);
  return placeholder === "format"
    ? plain(formatsIn(option, rootOf(command)))
    : (byPlaceholder[placeholder] ?? "nothing");
}

/** Whether a flag takes several values with commas between them. */
export function isList(option: Option): boolean {
  return placeholderOf(option).endsWith("s");
}

/** What an operand is: by its choices or its name; files for what is not known. */
export function kindOfArgument(argument: Argument, command: Command): ValueKind {
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  if (commandPath(command) === "route sinks") return "sinks";
  return byArgument[argument.name()] ?? "files";
}

function placeholderOf({ flags }: Option): string {
  return /[<[]([^>\].]+)/.exec(flags)?.[1] ?? "";
}

// What the help says is what there is: "name, json or jsonpath=TEMPLATE", or "as kev events takes it".
function formatsIn({ description }: Option, program: Command): string[] {
  const [, elsewhere] = /\bas kev (\w+) takes it\b/.exec(description) ?? [];
  if (elsewhere !== undefined) {
    const command = withSubcommands(program).find((candidate) => commandPath(candidate) === elsewhere);
    const option = command?.options.find(({ long }) => long === "--output");
    return option === undefined ? [] : formatsIn(option, program);
  }
  const isNamed = (format: string): boolean => new RegExp(`(^|[ ,])${format}(?![\\w-])`).test(`${description} `);
  // "jsonpath=TEMPLATE, … and their -as-json, -file"
  const isMeant = (format: string): boolean =>
    description.includes("and their ") && /^(jsonpath-as-json|jsonpath-file|custom-columns-file)=$/.test(format);
  return formats.filter(
    (format) => isMeant(format) || (format.endsWith("=") ? description.includes(format) : isNamed(format)),
  );
}
