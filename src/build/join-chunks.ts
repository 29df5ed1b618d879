import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile, Plugin } from "esbuild";

const namespace = "kev:joined";

/** What joins the modules of some entry points: see {@link joinChunks}. */
export interface JoinOptions {
  /** Of a build without this plugin, with `splitting`. */
  metafile: Metafile;
  /** Source files that are loaded one after another at nearly every start, each by a dynamic import. */
  entries: readonly string[];
  /** The source file of an entry point that is loaded before them, and often without them. */
  first: string;
  /** Source files of entry points that are loaded behind `first` and are to load nothing else but what they need. */
  apart: readonly string[];
}

/**
 * Keeps what nearly every start needs in one file each: the modules of `entries`, and those of `first`. esbuild makes a chunk
 * of the modules that the same entry points need, so that each new command parts the modules of the others further (38
 * files, and half a millisecond for each of them). Here every entry point needs all of them.
 */
export function joinChunks({ metafile, entries, first, apart }: JoinOptions): Plugin {
  const modules = [...modulesOf(metafile, [first, ...entries])];
  const starts = new Set(dynamicEntries(metafile));
  return {
    name: "join-chunks",
    setup({ onLoad, onResolve, initialOptions }) {
      const root = initialOptions.absWorkingDir ?? "";
      onResolve({ filter: /^kev:joined$/ }, () => ({ path: "modules", namespace }));
      onLoad({ filter: /./, namespace }, () => ({
        contents: modules.map((module) => `import ${JSON.stringify(`./${module}`)};`).join("\n"),
        resolveDir: root,
      }));
      onLoad({ filter: /\.ts$/, namespace: "file" }, async ({ path }) => {
        const module = path.slice(root.length).replace(/^\//, "");
        if (!starts.has(module) || module === first) return undefined;
        const more = apart.includes(module) ? join(root, first) : "kev:joined";
        return { contents: `${await readFile(path, "utf8")}\nimport ${JSON.stringify(more)};\n`, loader: "ts" };
      });
    },
  };
}

function dynamicEntries({ outputs }: Metafile): string[] {
  const targets = Object.values(outputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === "dynamic-import"),
  );
  return targets.flatMap(({ path }) => outputs[path]?.entryPoint ?? []);
}

/** The source files that are in the outputs of some entry points, and in what these import statically. */
function modulesOf({ outputs }: Metafile, entries: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const follow = (path: string): void => {
    if (seen.has(path) || !outputs[path]) return;
    seen.add(path);
    for (const { path: next, kind } of outputs[path].imports) if (kind === "import-statement") follow(next);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs))
    if (entryPoint && entries.includes(entryPoint)) follow(path);
  const modules = [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  // Not those that plugins make: they are small, and many of them one for each module that asks for them.
  return new Set(modules.filter((module) => !module.includes(":")));
}
