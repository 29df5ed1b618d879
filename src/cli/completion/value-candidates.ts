import { findCommand } from "../command-tree.ts";
import type { ClusterSource } from "./cluster-source.ts";
import { commandCandidates } from "./command-candidates.ts";
import { type CommandLine, rootOf } from "./read-command-line.ts";
import { type Candidate, nothing, only, plain, type Reply } from "./reply.ts";
import type { Sources } from "./sources.ts";
import type { ValueKind } from "./value-kind.ts";

/** Where a value is to come. */
export interface ValuePlace {
  line: CommandLine;
  /** The value as far as it is typed. */
  typed: string;
  /** The values of the same kind in front of it. */
  before: readonly string[];
  isFlag: boolean;
  sources: Sources;
}

/** The values of a kind that may come at a place. */
export async function valueCandidates(kind: ValueKind, place: ValuePlace): Promise<Reply> {
  const { line, typed, before, sources } = place;
  if (typeof kind !== "string") return only(kind.filter(({ value }) => !before.includes(value)));
  switch (kind) {
    case "nothing":
      return nothing;
    case "files":
    case "folders":
      return { candidates: [], otherwise: kind };
    case "clusters":
    case "users":
      return only(plain((await sources.kubeconfig())[kind]));
    case "contexts": {
      const { contexts } = await sources.kubeconfig();
      return only(contexts.map(({ name, cluster }) => ({ value: name, description: `cluster ${cluster}` })));
    }
    case "namespaces":
      return only(plain(await (await sources.cluster()).namespaces()));
    case "presets":
      // A reason begins with a capital letter, a preset never does.
      if (/^[A-Z]/.test(typed)) return only(await reasons(sources, before));
      return only((await sources.presets()).map(({ name, description }) => ({ value: name, description })));
    case "reasons":
      return only(await reasons(sources, before));
    case "types": {
      const [{ typeCandidates }, cluster] = await Promise.all([import("./object-candidates.ts"), sources.cluster()]);
      return only(typeCandidates(await cluster.types(), typed).filter(({ value }) => !before.includes(value)));
    }
    case "objects":
      return only(await objects(place));
    case "containers":
      return only(plain(await containers(line, await sources.cluster())));
    case "sinks":
      return only((await sources.sinks()).map(({ type, summary }) => ({ value: type, description: summary })));
    case "topics":
      return only(topics(line, before));
  }
}

async function reasons(sources: Sources, before: readonly string[]): Promise<Candidate[]> {
  const [presets, seen] = await Promise.all([
    sources.presets(),
    sources.cluster().then((cluster) => cluster.reasons()),
  ]);
  const known = presets.map(({ reason, description }) => ({ value: reason, description }));
  return [...known, ...plain(seen)].filter(({ value }) => !before.includes(value));
}

async function objects({ line, typed, before, isFlag, sources }: ValuePlace): Promise<Candidate[]> {
  const { flags } = line;
  const [{ objectCandidates }, defaultKind, cluster] = await Promise.all([
    import("./object-candidates.ts"),
    isFlag ? undefined : defaultKindOf(line, sources),
    sources.cluster(),
  ]);
  const isSelection = !isFlag && (flags.selector !== undefined || flags.all === true);
  return await objectCandidates({ before, typed, defaultKind, isSelection }, cluster);
}

/** What a NAME without a type is: of --kind's, else of the preset's, else a Deployment. */
async function defaultKindOf({ command, flags, operands }: CommandLine, sources: Sources): Promise<string> {
  if (typeof flags.kind === "string") return flags.kind;
  const takesPreset = command.registeredArguments[0]?.name() === "what";
  const preset = takesPreset ? (await sources.presets()).find(({ name }) => name === operands[0]) : undefined;
  return preset?.kind ?? "Deployment";
}

/** Those of the Pod that the line names: `pod/NAME` or `pod NAME`. */
async function containers({ operands }: CommandLine, cluster: ClusterSource): Promise<string[]> {
  const objects = operands.slice(1);
  const [type = "", name = ""] = objects[0]?.includes("/") ? objects[0].split("/") : objects;
  const isPod = name !== "" && (await cluster.type(type))?.kind === "Pod";
  return isPod ? await cluster.containers(name) : [];
}

function topics({ command }: CommandLine, before: readonly string[]): Candidate[] {
  const program = rootOf(command);
  const others = before.length === 0 ? [{ value: "exit-codes", description: "what each exit code means" }] : [];
  return [...commandCandidates(findCommand(program, before)), ...others];
}
