import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { describe, expect, test } from "@jest/globals";

// What start-up loads, read from the bundler's own account of the last build; no time is measured here.
const metafilePath = new URL("../../dist/cli/metafile.json", import.meta.url);
const outputs = readOutputs();

interface Output {
  inputs: Record<string, { bytesInOutput: number }>;
  imports: { path: string; kind: string; external?: boolean }[];
  entryPoint?: string;
}

describe("the CLI's bundle", () => {
  test("of kev --version holds next to nothing", () => {
    const inputs = inputsOf(["src/cli/run.ts"]);
    expect(packagesOf(inputs)).toEqual([]);
    expect(inputs.filter((input) => input.startsWith("src/"))).toEqual([
      "src/cli/run.ts",
      "src/util/clock.ts",
      "src/util/errors.ts",
      "src/util/interrupted-error.ts",
      "src/util/times-asked.ts",
      "src/version.ts",
    ]);
  });

  test("of kev --help holds no command's logic and no client", () => {
    const inputs = inputsOf(["src/cli/run.ts", "src/cli/main.ts"]);
    expect(packagesOf(inputs)).toEqual(["commander"]);
    expect(foldersOf(inputs)).toEqual(["src/cli", "src/commands", "src/util", "src/version.ts"]);
    expect(inputs.filter((input) => /\/run-/.test(input))).toEqual([]);
  });

  test("of kev emit holds neither undici, yaml, prom-client nor other commands' logic", () => {
    const emit = ["src/cli/run-emit.ts", "src/kube/connect.ts", "src/kube/http-library.ts"];
    const inputs = inputsOf(["src/cli/run.ts", "src/cli/main.ts", ...emit]);
    expect(packagesOf(inputs)).toEqual(["@kubernetes/client-node", "@paralleldrive/cuid2", "commander", "js-yaml"]);
    expect(foldersOf(inputs)).toEqual([
      "src/cli",
      "src/commands",
      "src/config",
      "src/events",
      "src/kube",
      "src/record",
      "src/util",
      "src/version.ts",
    ]);
    expect(inputs.filter((input) => /\/run-/.test(input))).toEqual(["src/cli/run-emit.ts"]);
    // What only some kubeconfigs ask for comes with those.
    const rare = /src\/kube\/(?:exec-|find-program|oidc|plugin-policy|saved-provider|system-authorities)/;
    expect(inputs.filter((input) => rare.test(input))).toEqual([]);
    // The reader of config files comes with `yaml`, and only when there is a file.
    expect(inputs.filter((input) => input.startsWith("src/config/"))).toEqual([
      "src/config/find-config.ts",
      "src/config/load-config.ts",
    ]);
  });

  test("of completing commands and flags holds no client, and no command's logic", () => {
    const inputs = inputsOf(["src/cli/run.ts", "src/cli/main.ts", "src/cli/completion/run-complete.ts"]);
    expect(packagesOf(inputs)).toEqual(["commander"]);
    expect(foldersOf(inputs)).toEqual(["src/cli", "src/commands", "src/util", "src/version.ts"]);
    expect(inputs.filter((input) => /\/run-(?!complete)/.test(input))).toEqual([]);
  });

  test("holds no undici at all: the version that client-node asks for does not run on Node 20", () => {
    const everything = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
    expect(packagesOf(everything)).not.toContain("undici");
  });

  test("holds no debug, which shows a proxy's password and every token to who sets DEBUG=*", () => {
    const everything = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
    expect(packagesOf(everything)).toContain("https-proxy-agent");
    expect(packagesOf(everything)).not.toContain("debug");
  });

  test("needs nothing beside it but Node's own modules, and loads optional clients on first use only", () => {
    const external = Object.values(outputs).flatMap(({ imports }) => imports.filter((entry) => entry.external));
    const optional = new Set(["kafkajs", "libsql", "pg"]);
    const wrong = external.filter(({ path, kind }) => {
      return !isBuiltin(path) && !(optional.has(path) && kind === "dynamic-import");
    });
    expect(wrong).toEqual([]);
  });
});

function readOutputs(): Record<string, Output> {
  if (!existsSync(metafilePath)) throw new Error('dist/cli is not built: run "npm run build" first');
  return (JSON.parse(readFileSync(metafilePath, "utf8")) as { outputs: Record<string, Output> }).outputs;
}

/** The source files in what is loaded when the modules `entries` are: their outputs, and all that these import statically. */
function inputsOf(entries: string[]): string[] {
  const open = entries.map((entry) => {
    const [path] = Object.entries(outputs).find(([, output]) => output.entryPoint === entry) ?? [];
    if (path === undefined) throw new Error(`${entry} has no output of its own`);
    return path;
  });
  const loaded = new Set<string>();
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (loaded.has(path)) continue;
    loaded.add(path);
    const statics = (outputs[path]?.imports ?? []).filter(
      ({ kind, external }) => kind === "import-statement" && !external,
    );
    open.push(...statics.map((entry) => entry.path));
  }
  const inputs = [...loaded].flatMap((path) => {
    return Object.entries(outputs[path]?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  });
  return [...new Set(inputs.map(([input]) => input))].sort();
}

function packagesOf(inputs: string[]): string[] {
  return [...new Set(inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []))].sort();
}

function foldersOf(inputs: string[]): string[] {
  return [
    ...new Set(
      inputs.filter((input) => input.startsWith("src/")).map((input) => input.split("/").slice(0, 2).join("/")),
    ),
  ].sort();
}
