import type { VersionCommandOptions } from "../commands/version.ts";
import { KevError, usageError } from "../util/errors.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import { version } from "../version.ts";
import type { Context } from "./context.ts";
import { goJson } from "./go-json.ts";
import { openConnection } from "./open-connection.ts";
import { exitCodeOf, printError } from "./print-error.ts";

interface Versions {
  clientVersion: { version: string; runtime: string; platform: string };
  /** The server's own words. */
  serverVersion?: Record<string, string>;
}

/** `kev version`: its own versions even when the server does not answer, which is then the error. */
export async function runVersion(options: VersionCommandOptions, context: Context): Promise<number> {
  const { output } = options;
  if (output !== undefined && output !== "json" && output !== "yaml") {
    throw usageError(`--output must be 'yaml' or 'json', not "${output}"`);
  }
  const { node, platform } = context.runtime;
  const versions: Versions = { clientVersion: { version, runtime: `node ${node}`, platform } };
  let failure: unknown;
  if (!options.client) {
    try {
      versions.serverVersion = await serverVersion(options, context);
    } catch (error) {
      if (!(error instanceof KevError)) throw error;
      failure = error;
    }
  }
  context.stdout.write(await text(versions, output));
  if (failure === undefined) return 0;
  printError(failure, context);
  return exitCodeOf(failure);
}

async function serverVersion(options: VersionCommandOptions, context: Context): Promise<Record<string, string>> {
  const connection = await openConnection(options, context);
  try {
    return await connection.request<Record<string, string>>({ path: "/version", signal: context.signal });
  } finally {
    connection.close();
  }
}

async function text({ clientVersion, serverVersion }: Versions, output: "json" | "yaml" | undefined): Promise<string> {
  const versions = { clientVersion, ...(serverVersion && { serverVersion }) };
  if (output === "json") return `${goJson(versions, 2)}\n`;
  if (output === "yaml") return (await import("./to-yaml.ts")).toYaml(versions);
  const server = serverVersion ? `Server Version: ${escapeTerminal(serverVersion.gitVersion ?? "unknown")}\n` : "";
  return `Client Version: ${clientVersion.version}\n${server}`;
}
