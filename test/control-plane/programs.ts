import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Paths of the four programs of a control plane; all executable. */
export interface ControlPlanePrograms {
  etcd: string;
  kubeApiserver: string;
  kubeControllerManager: string;
  kubectl: string;
}

/** One program: the file it is built to (envtest's names) and the Go package it is built from. */
export interface Program {
  key: keyof ControlPlanePrograms;
  file: string;
  package: string;
}

export const programs: readonly Program[] = [
  { key: "etcd", file: "etcd", package: "go.etcd.io/etcd/server/v3" },
  { key: "kubeApiserver", file: "kube-apiserver", package: "k8s.io/kubernetes/cmd/kube-apiserver" },
  {
    key: "kubeControllerManager",
    file: "kube-controller-manager",
    package: "k8s.io/kubernetes/cmd/kube-controller-manager",
  },
  { key: "kubectl", file: "kubectl", package: "k8s.io/kubernetes/cmd/kubectl" },
];

/** The folder of go.mod and go.sum, which pin everything that is built. */
export const moduleFolder: string = import.meta.dirname;

type Env = Readonly<Record<string, string | undefined>>;

/** The Kubernetes version that a go.mod asks for, as in `v1.36.1`. */
export function kubernetesVersion(goMod: string): string {
  const version = /^\s*(?:require\s+)?k8s\.io\/kubernetes (v\S+)/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error("go.mod does not require k8s.io/kubernetes");
  return version;
}

/**
 * The linker's flags. Without a version kubectl calls itself `v0.0.0-master+$Format:%H$` and `kubectl version` fails;
 * client-go has a copy of its own, for the User-Agent. A module carries no commit, so none is claimed.
 */
export function linkerFlags(version: string): string {
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  const values = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitCommit: "unknown",
    gitTreeState: "archive",
  };
  const set = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((owner) =>
    Object.entries(values).map(([name, value]) => `-X ${owner}.${name}=${value}`),
  );
  return ["-s", "-w", ...set].join(" ");
}

/**
 * Where built programs are kept: `$XDG_CACHE_HOME/kev-events/control-plane/VERSION-OS-ARCH-HASH` (default `~/.cache`),
 * the hash being of all that decides what is built.
 */
export function cacheFolder(env: Env, home: string = homedir()): string {
  const goMod = readFileSync(join(moduleFolder, "go.mod"), "utf8");
  const goSum = readFileSync(join(moduleFolder, "go.sum"), "utf8");
  const version = kubernetesVersion(goMod);
  const hash = createHash("sha256")
    .update([goMod, goSum, linkerFlags(version)].join("\0"))
    .digest("hex");
  const platform = `${goPlatform().os}-${goPlatform().arch}`;
  return join(cacheRoot(env, home), "control-plane", `${version}-${platform}-${hash.slice(0, 8)}`);
}

/** Where everything is kept that tests fetch or build once. */
export function cacheRoot(env: Env, home: string = homedir()): string {
  // The XDG rules: a relative path is invalid and ignored.
  const cache = env.XDG_CACHE_HOME?.startsWith("/") ? env.XDG_CACHE_HOME : join(home, ".cache");
  return join(cache, "kev-events");
}

/** This machine in Go's words. */
export function goPlatform(): { os: string; arch: string } {
  return { os: process.platform === "win32" ? "windows" : process.platform, arch: goArch(process.arch) };
}

function goArch(arch: string): string {
  return arch === "x64" ? "amd64" : arch;
}

/**
 * Where each program is, and which of them still have to be built. `$KUBEBUILDER_ASSETS` comes first for what it holds
 * (envtest's folders have no kube-controller-manager).
 */
export function locatePrograms(env: Env, home?: string): { paths: ControlPlanePrograms; missing: Program[] } {
  const assets = env.KUBEBUILDER_ASSETS;
  if (assets && !existsSync(assets)) throw new Error(`KUBEBUILDER_ASSETS names ${assets}, which does not exist`);
  const cache = cacheFolder(env, home);
  const find = (file: string): string => {
    const given = assets ? join(assets, file) : undefined;
    return given && existsSync(given) ? given : join(cache, file);
  };
  const paths: ControlPlanePrograms = {
    etcd: find("etcd"),
    kubeApiserver: find("kube-apiserver"),
    kubeControllerManager: find("kube-controller-manager"),
    kubectl: find("kubectl"),
  };
  return { paths, missing: programs.filter(({ key }) => !existsSync(paths[key])) };
}

/** The programs, all there; an error that says how to make them otherwise. */
export function requirePrograms(env: Env): ControlPlanePrograms {
  const { paths, missing } = locatePrograms(env);
  if (missing.length > 0) {
    const names = missing.map(({ file }) => file).join(", ");
    throw new Error(`The test control plane is not built (${names} missing): run "npm run control-plane" first`);
  }
  return paths;
}
