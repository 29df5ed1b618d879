import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ensureControlPlane } from "./build.ts";
import { cacheFolder, kubernetesVersion, locatePrograms, requirePrograms } from "./programs.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kev-build-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An environment whose `go` is this shell script, or that has none. */
function environment(go?: string, more: Record<string, string> = {}): Record<string, string> {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  if (go !== undefined) writeFileSync(join(bin, "go"), `#!/bin/sh\n${go}`, { mode: 0o755 });
  return { PATH: bin, XDG_CACHE_HOME: join(folder, "cache"), GOFLAGS: "-mod=vendor", GOTOOLCHAIN: "local", ...more };
}

/** Writes to the output file what it was called with; the seventh argument is the file, the eighth the package. */
const goodGo = `
[ "$1" = env ] && echo go1.26.8 && exit
echo "go: downloading a.example v1" >&2
printf '%s\\n' "$1 $2 $3" "$4" "$5 $7" "$CGO_ENABLED $GOFLAGS $GOWORK $GOTOOLCHAIN" > "$6"
`;

function terminal() {
  const written: string[] = [];
  return { written, write: (text: string) => written.push(text) };
}

describe("ensureControlPlane", () => {
  test("builds the four programs once", async () => {
    const { written, ...pipe } = terminal();
    const env = environment(goodGo);

    const paths = await ensureControlPlane(env, pipe);

    const cache = cacheFolder(env);
    expect(paths).toEqual({
      etcd: join(cache, "etcd"),
      kubeApiserver: join(cache, "kube-apiserver"),
      kubeControllerManager: join(cache, "kube-controller-manager"),
      kubectl: join(cache, "kubectl"),
    });
    expect(written).toEqual([
      "Building etcd for the test control plane (1 of 4)\n",
      "Building kube-apiserver for the test control plane (2 of 4)\n",
      "Building kube-controller-manager for the test control plane (3 of 4)\n",
      "Building kubectl for the test control plane (4 of 4)\n",
    ]);
    expect(readdirSync(dirname(cache))).toHaveLength(1);
    expect(readFileSync(paths.kubectl, "utf8")).toBe(
      "build -v -buildvcs=false\n" +
        "-ldflags=-s -w" +
        " -X k8s.io/component-base/version.gitVersion=v1.36.1" +
        " -X k8s.io/component-base/version.gitMajor=1" +
        " -X k8s.io/component-base/version.gitMinor=36" +
        " -X k8s.io/component-base/version.gitCommit=unknown" +
        " -X k8s.io/component-base/version.gitTreeState=archive" +
        " -X k8s.io/client-go/pkg/version.gitVersion=v1.36.1" +
        " -X k8s.io/client-go/pkg/version.gitMajor=1" +
        " -X k8s.io/client-go/pkg/version.gitMinor=36" +
        " -X k8s.io/client-go/pkg/version.gitCommit=unknown" +
        " -X k8s.io/client-go/pkg/version.gitTreeState=archive\n" +
        "-o k8s.io/kubernetes/cmd/kubectl\n" +
        "0 -mod=readonly off local\n",
    );

    rmSync(join(folder, "bin/go"));
    expect(await ensureControlPlane(env, pipe)).toEqual(paths);
    expect(written).toHaveLength(4);
  });

  test("two builds at once both end well", async () => {
    const env = environment(goodGo);

    const [one, two] = await Promise.all([ensureControlPlane(env, terminal()), ensureControlPlane(env, terminal())]);

    expect(one).toEqual(two);
    expect(requirePrograms(env)).toEqual(one);
    expect(readdirSync(dirname(cacheFolder(env)))).toHaveLength(1);
  });

  test("takes from KUBEBUILDER_ASSETS what it holds and builds the rest", async () => {
    const assets = join(folder, "assets");
    mkdirSync(assets);
    for (const file of ["etcd", "kube-apiserver", "kubectl"]) writeFileSync(join(assets, file), "");
    const { written, ...pipe } = terminal();
    const env = environment(goodGo, { KUBEBUILDER_ASSETS: assets });

    expect(await ensureControlPlane(env, pipe)).toEqual({
      etcd: join(assets, "etcd"),
      kubeApiserver: join(assets, "kube-apiserver"),
      kubeControllerManager: join(cacheFolder(env), "kube-controller-manager"),
      kubectl: join(assets, "kubectl"),
    });
    expect(written).toEqual(["Building kube-controller-manager for the test control plane (1 of 1)\n"]);
  });

  test("a KUBEBUILDER_ASSETS that does not exist is an error", async () => {
    await expect(ensureControlPlane({ KUBEBUILDER_ASSETS: "/no/such/folder" }, terminal())).rejects.toThrow(
      "KUBEBUILDER_ASSETS names /no/such/folder, which does not exist",
    );
  });

  test("a failed build shows what Go said last and leaves nothing", async () => {
    const env = environment(
      '[ "$1" = env ] && echo go1.26.8 && exit\necho "a.go:1:2: no" >&2; echo half > "$6"; exit 3',
    );

    await expect(ensureControlPlane(env, terminal())).rejects.toThrow(
      "go build go.etcd.io/etcd/server/v3 ended with 3:\na.go:1:2: no",
    );
    expect(readdirSync(dirname(cacheFolder(env)), { recursive: true })).toHaveLength(1);
  });

  test.each([
    ["there is no Go", undefined, "no go was found"],
    ["Go is too old", "echo go1.25.3", "this is go1.25.3"],
    [
      "Go says that it is too old",
      "echo 'go: go.mod requires go >= 1.26.0' >&2; exit 1",
      "go: go.mod requires go >= 1.26.0",
    ],
  ])("says what to install when %s", async (_, go, found) => {
    await expect(ensureControlPlane(environment(go), terminal())).rejects.toThrow(
      `Go 1.26.0 or newer is needed to build the test control plane, but ${found}: ` +
        "install it from https://go.dev/doc/install (it must be first on the PATH)",
    );
  });

  test("Ctrl-C ends Go and leaves nothing", async () => {
    const started = join(folder, "started");
    const env = environment(
      `[ "$1" = env ] && echo go1.26.8 && exit\necho half > "$6"; : > ${started}; exec sleep 600`,
      {
        PATH: `${join(folder, "bin")}:/usr/bin:/bin`,
      },
    );
    const build = spawn(process.execPath, [join(import.meta.dirname, "build.ts")], { env, stdio: "pipe" });
    while (!existsSync(started)) await sleep(20);

    build.kill("SIGINT");

    const stderr = (await build.stderr.setEncoding("utf8").toArray()).join("");
    expect(stderr).toBe("Building etcd for the test control plane (1 of 4)\nerror: The build was ended by SIGINT\n");
    expect(readdirSync(dirname(cacheFolder(env)), { recursive: true })).toHaveLength(1);
  });

  test("run as a program it exits with 1 and says why in one line", async () => {
    const program = [join(import.meta.dirname, "build.ts")];
    const ended = await new Promise((resolve) => {
      execFile(process.execPath, program, { env: environment() }, (error, stdout, stderr) =>
        resolve({ code: error?.code, stdout, stderr }),
      );
    });

    expect(ended).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "error: Go 1.26.0 or newer is needed to build the test control plane, but no go was found: " +
        "install it from https://go.dev/doc/install (it must be first on the PATH)\n",
    });
  });
});

describe("programs", () => {
  test("reads the version from go.mod", () => {
    expect(kubernetesVersion("module x\n\nrequire (\n\tk8s.io/kubernetes v1.36.1 // indirect\n)\n")).toBe("v1.36.1");
    expect(kubernetesVersion("require k8s.io/kubernetes v1.37.0\n")).toBe("v1.37.0");
    expect(() => kubernetesVersion("module x\n")).toThrow("go.mod does not require k8s.io/kubernetes");
  });

  test("the cache is the user's, or $XDG_CACHE_HOME when that is absolute", () => {
    const name = /\/kev-events\/control-plane\/v1\.36\.1-[a-z]+-[a-z0-9]+-[0-9a-f]{8}$/;
    expect(cacheFolder({}, "/home/jane")).toMatch(name);
    expect(dirname(cacheFolder({}, "/home/jane"))).toBe("/home/jane/.cache/kev-events/control-plane");
    expect(dirname(cacheFolder({ XDG_CACHE_HOME: "relative" }, "/h"))).toBe("/h/.cache/kev-events/control-plane");
    expect(dirname(cacheFolder({ XDG_CACHE_HOME: "/c" }, "/h"))).toBe("/c/kev-events/control-plane");
  });

  test("what is missing is named, with the script that makes it", () => {
    const env = environment();
    expect(locatePrograms(env).missing.map(({ file }) => file)).toEqual([
      "etcd",
      "kube-apiserver",
      "kube-controller-manager",
      "kubectl",
    ]);
    expect(() => requirePrograms(env)).toThrow(
      "The test control plane is not built (etcd, kube-apiserver, kube-controller-manager, kubectl missing): " +
        'run "npm run control-plane" first',
    );
  });
});
