import { usageError } from "../util/errors.ts";

/** What a command line says of the objects it is about, before anybody looks for them. */
export interface ObjectArguments {
  /** `NAME…`, `TYPE/NAME…`, `TYPE NAME…`, `TYPE1,TYPE2 NAME…`; with a selector or `all`: nothing or `TYPE[,TYPE…]`. */
  args: readonly string[];
  /** The type of a bare NAME and of a selector without TYPE: anything that TYPE may be. */
  defaultKind: string;
  /** `-l`, as the API takes it. */
  selector?: string | undefined;
  /** `--all` objects of the types. */
  all?: boolean | undefined;
  /** `-f`: files, folders, `-`. */
  files?: readonly string[] | undefined;
  /** `-R`: into the folders of folders. */
  recursive?: boolean | undefined;
}

/** The one way in which a command line names its objects; types are still words. */
export type ObjectSelection =
  | {
      by: "name";
      targets: { type: string; name: string }[];
      /** The first of several bare words, read as a name though it may be a TYPE with a slip in it. */
      guessed?: string | undefined;
    }
  | { by: "selector"; types: string[]; selector: string | undefined }
  | { by: "file"; files: readonly string[]; recursive: boolean };

/**
 * Reads object arguments as kubectl does, with its texts for what it does not take (usage errors). Beyond kubectl, a bare
 * NAME is of the default kind, and a selector without a type selects among the default kind; `all` wants its type said.
 *
 * @param isType asked only of the first of several bare words: a type makes the others its names
 */
export async function parseObjectArguments(
  options: ObjectArguments,
  isType: (word: string) => Promise<boolean>,
): Promise<ObjectSelection> {
  const { args, defaultKind, files = [], recursive = false, all = false } = options;
  // `-f "$UNSET"` must not mean the current folder.
  if (files.includes("")) throw usageError("You must provide one or more resources by argument or filename", { hint });
  const selector = options.selector?.trim() || undefined;
  if (all && selector !== undefined) throw usageError("setting 'all' parameter but found a non empty selector");
  const selects = all || selector !== undefined;
  const isCombined = args.some((arg) => arg.includes("/"));
  if (files.length > 0) {
    if (selects) throw usageError("a selector and the all flag cannot be used when a path is specified");
    if (isCombined) throw usageError("resource/name arguments cannot be provided when a path is specified");
    if (args.length > 0) throw usageError(pathAndArgument);
    return { by: "file", files, recursive };
  }
  if (selects) {
    if (isCombined) {
      throw usageError("selectors and the all flag cannot be used when passing resource/name arguments");
    }
    if (args.length > 1) throw usageError("name cannot be provided when a selector is specified");
    if (args.length === 0 && all) throw usageError("at least one resource must be specified to use a selector");
    return { by: "selector", types: splitTypes(args[0] ?? defaultKind), selector };
  }
  if (args.length === 0) throw usageError("You must provide one or more resources by argument or filename", { hint });
  const [first = "", ...others] = args;
  const isTypeOnly = args.length === 1 && !isCombined;
  // `-l "$EMPTY"` must not turn its type into a name.
  if (isTypeOnly && (options.selector !== undefined || first.includes(","))) throw usageError(noName);
  const isBare = others.length > 0 && !isCombined && !first.includes(",");
  if (isBare && first !== "" && !(await isType(first))) {
    return { by: "name", targets: args.map((name) => targetOf(defaultKind, name)), guessed: first };
  }
  return { by: "name", targets: targetsOf(first, others, isCombined, defaultKind) };
}

const noName = "resource(s) were provided, but no name was specified";
const emptyName = "resource name may not be empty";
const pathAndArgument =
  "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";
const hint = "name objects as NAME, TYPE/NAME, TYPE NAME, TYPE -l SELECTOR or -f FILE";

type Target = { type: string; name: string };

function targetsOf(first: string, others: string[], isCombined: boolean, defaultKind: string): Target[] {
  // A quoted variable that is empty, most often; not to be asked of the server.
  if (first === "") throw usageError(emptyName);
  if (others.length > 0 && first.includes(",") && !isCombined) {
    return splitTypes(first).flatMap((type) => others.map((name) => targetOf(type, name)));
  }
  if (isCombined) return [first, ...others].map(splitTarget);
  // Several bare words that are not names alone: the first is a type.
  return others.length > 0 ? others.map((name) => targetOf(first, name)) : [targetOf(defaultKind, first)];
}

function splitTarget(argument: string): Target {
  const parts = argument.split("/");
  if (parts.length > 2) throw usageError("arguments in resource/name form may not have more than one slash");
  const [type = "", name] = parts;
  if (name === undefined) throw usageError(mixedForms);
  if (type === "" || name === "" || type.includes(",")) {
    throw usageError("arguments in resource/name form must have a single resource and name");
  }
  return { type, name };
}

// kubectl's text goes on with an example in terms of `kubectl get`, which would not help here.
const mixedForms =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form " +
  "(e.g. 'resource/<resource_name>' instead of 'resource resource/<resource_name>')";

function targetOf(type: string, name: string): Target {
  if (name === "") throw usageError(emptyName);
  return { type, name };
}

function splitTypes(argument: string): string[] {
  const types = [...new Set(argument.split(","))];
  if (types.includes("")) throw usageError(`a resource type is missing in ${JSON.stringify(argument)}`);
  return types;
}
