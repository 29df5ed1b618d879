import { KevError, usageError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";

/**
 * Loads the npm package that a kind of sink needs; such packages are optional, and not in the CLI's bundle.
 *
 * @example const kafka = await importClient<typeof import("kafkajs")>("kafkajs", "kafka");
 * @param type of the sink
 * @throws KevError: usage when it is not installed, failed when it does not load
 */
export async function importClient<Module>(name: string, type: string): Promise<Module> {
  try {
    return (await import(name)) as Module;
  } catch (cause) {
    const message = errorMessage(cause);
    if (isMissing(message, name)) {
      throw usageError(`a sink of type ${type} needs the package ${name}`, { hint: `npm install ${name}`, cause });
    }
    throw new KevError("failed", `the package ${name}, which a sink of type ${type} needs, does not load: ${message}`, {
      cause,
    });
  }
}

/** Whether it is this package that is missing, and not one that it asks for in turn. */
function isMissing(message: string, name: string): boolean {
  return message.startsWith(`Cannot find package '${name}'`) || message.startsWith(`Cannot find module '${name}'`);
}
