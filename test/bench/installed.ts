import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane } from "../support/control-plane.ts";
import { installationFolder, type NodeVersion, nodeVersions } from "../support/packed-cli.ts";
import type { Program } from "./compare.ts";

/** What is measured: the installed kev, on both Nodes, beside other programs, in the environment of a user. */
export interface Installed {
  readonly node20: NodeVersion;
  readonly node24: NodeVersion;
  kev(node: NodeVersion, ...args: string[]): Program;
  kubectl(...args: string[]): Program;
}

export async function installed({ adminKubeconfig, dir, kubectlPath }: ControlPlane): Promise<Installed> {
  const [node20, node24] = nodeVersions;
  if (node20 === undefined || node24 === undefined)
    throw new Error("Node 20 and Node 24 are needed: npm ci installs them");
  // A user's: nothing of npm's or of the test's own.
  const env = { HOME: dir, PATH: process.env.PATH ?? "", KUBECONFIG: adminKubeconfig, TMPDIR: dir };
  const script = await realpath(join(installationFolder({ dir }), "node_modules/.bin/kev"));
  return {
    node20,
    node24,
    kev: ({ bin }, ...args) => ({ command: join(bin, "node"), args: [script, ...args], env }),
    kubectl: (...args) => ({ command: kubectlPath, args, env }),
  };
}
