import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { goPlatform, kubernetesVersion, linkerFlags, moduleFolder } from "./programs.ts";

type Env = Readonly<Record<string, string | undefined>>;

const install = "install it from https://go.dev/doc/install (it must be first on the PATH)";

/** The build must come out the same on every machine; where modules come from, and GOTOOLCHAIN, stay the user's. */
function goEnv(env: Env): NodeJS.ProcessEnv {
  const { os, arch } = goPlatform();
  return { ...env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off", GOOS: os, GOARCH: arch };
}

/** Throws what to install when there is no Go, or none that is new enough for go.mod. */
export async function requireGo(env: Env): Promise<void> {
  const wanted = /^go (\S+)/m.exec(readFileSync(join(moduleFolder, "go.mod"), "utf8"))?.[1] ?? "";
  const needed = `Go ${wanted} or newer is needed to build the test control plane`;
  const found = await goVersion(env).catch((cause: NodeJS.ErrnoException & { stderr?: string }) => {
    const why = cause.code === "ENOENT" ? "no go was found" : (cause.stderr?.trim() ?? cause.message);
    throw new Error(`${needed}, but ${why}: ${install}`, { cause });
  });
  if (!isAtLeast(found, wanted)) throw new Error(`${needed}, but this is ${found}: ${install}`);
}

/** In the module's folder, so that under GOTOOLCHAIN=auto it is the version that will build. */
async function goVersion(env: Env): Promise<string> {
  const options = { cwd: moduleFolder, env: goEnv(env), encoding: "utf8" } as const;
  return (await promisify(execFile)("go", ["env", "GOVERSION"], options)).stdout.trim();
}

/** Compares `go1.26.8`, `go1.27rc1` or `go1.26.8-custom` with `1.26.0`. Unknown forms (`devel …`) pass. */
export function isAtLeast(goVersion: string, wanted: string): boolean {
  const found = /^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(goVersion)?.slice(1);
  if (found === undefined) return true;
  const numbers = wanted.split(".");
  for (const [place, digits] of found.entries()) {
    const difference = Number(digits ?? 0) - Number(numbers[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

export interface BuildOptions {
  package: string;
  /** The file to write. */
  output: string;
  env: Env;
  /** Called for each module downloaded and each package compiled, with its name. */
  onStep?: (step: { kind: "download" | "compile"; name: string }) => void;
  /** Ends Go; the build then fails with the signal's reason. */
  signal?: AbortSignal;
}

/** Builds one program of the module; the error of a failed build ends with Go's last lines. */
export function goBuild({ package: goPackage, output, env, onStep, signal: stop }: BuildOptions): Promise<void> {
  const version = kubernetesVersion(readFileSync(join(moduleFolder, "go.mod"), "utf8"));
  const args = ["build", "-v", "-buildvcs=false", `-ldflags=${linkerFlags(version)}`, "-o", output, goPackage];
  return new Promise((resolve, reject) => {
    const go = spawn("go", args, { cwd: moduleFolder, env: goEnv(env), stdio: ["ignore", "ignore", "pipe"] });
    const onAbort = (): boolean => go.kill();
    stop?.addEventListener("abort", onAbort, { once: true });
    const said: string[] = [];
    let rest = "";
    go.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        said.push(line);
        const download = /^go: downloading (\S+)/.exec(line)?.[1];
        if (download) onStep?.({ kind: "download", name: download });
        else if (/^[\w./~-]+$/.test(line)) onStep?.({ kind: "compile", name: line });
      }
    });
    go.on("error", reject);
    go.on("close", (code, signal) => {
      stop?.removeEventListener("abort", onAbort);
      if (stop?.aborted) return reject(stop.reason);
      if (code === 0) return resolve();
      const last = [...said, rest].slice(-20).join("\n");
      reject(new Error(`go build ${goPackage} ended with ${signal ?? code}:\n${last}`));
    });
  });
}
