import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build, type Metafile } from "esbuild";
import { bundleClientNode } from "./bundle-client-node.ts";
import { joinChunks } from "./join-chunks.ts";
import { leanCuid2 } from "./lean-cuid2.ts";
import { requireBuiltins } from "./require-builtins.ts";
import { silentDebug } from "./silent-debug.ts";
import { thirdPartyNotices } from "./third-party-notices.ts";

const root = new URL("../../", import.meta.url).pathname;
const { version, dependencies, optionalDependencies } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
  version: string;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
// Loaded on first use, from beside the bundle: large, or not in JavaScript.
const optional = Object.keys(optionalDependencies);

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  splitting: true,
  metafile: true,
  define: { KEV_VERSION: JSON.stringify(version) },
  logLevel: "warning",
} as const;

/** The CLI: everything in it, so that it starts fast and needs nothing beside it but what is optional. */
async function buildCli(): Promise<Metafile> {
  const options = {
    ...common,
    entryPoints: ["src/cli/run.ts"] as string[],
    outdir: "dist/cli",
    minify: true,
    // CommonJS packages in the bundle ask for require.
    banner: { js: 'import{createRequire as kevRequire}from"node:module";const require=kevRequire(import.meta.url);' },
    legalComments: "none",
    external: optional,
  } as const;
  const plugins = [bundleClientNode, leanCuid2, requireBuiltins, silentDebug];
  const { metafile } = await build({ ...options, plugins, write: false });
  // What `kev emit` loads.
  const entries = ["src/cli/run-emit.ts", "src/kube/connect.ts", "src/kube/http-library.ts"];
  // A shell asks for completions at each Tab, most of them without a cluster.
  const apart = ["src/cli/completion/run-complete.ts"];
  const join = joinChunks({ metafile, entries, first: "src/cli/main.ts", apart });
  const joined = await build({
    ...options,
    plugins: [...plugins, join],
    // Packages that say that they have no side effects stay in chunks of their own.
    logOverride: { "ignored-bare-import": "silent" },
  });
  return joined.metafile;
}

/** The library: kev's own code only, readable, its dependencies left to the package manager. */
async function buildLibrary(): Promise<void> {
  await build({
    ...common,
    entryPoints: ["src/index.ts"],
    outdir: "dist/lib",
    external: [...Object.keys(dependencies), ...optional],
    sourcemap: true,
  });
}

function buildTypes(): void {
  const options = [
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--rootDir",
    "src",
    "--outDir",
    "dist/types",
  ];
  execFileSync(
    process.execPath,
    ["node_modules/typescript/bin/tsc", "-p", "src/build/tsconfig.types.json", ...options],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
}

rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist/cli`, { recursive: true });
const metafile = await buildCli();
writeFileSync(`${root}dist/cli/metafile.json`, JSON.stringify(metafile));
writeFileSync(`${root}dist/cli/THIRD-PARTY-LICENSES.txt`, thirdPartyNotices(metafile, root));
await buildLibrary();
buildTypes();
