import type { ProbeManifestsCommandOptions } from "../commands/probe-manifests.ts";
import { type ProbeFileNeeds, probeFileNeeds } from "../probe/install/probe-file-needs.ts";
import { type ProbeManifestsOptions, probeManifests } from "../probe/install/probe-manifests.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import { parseFixedPort } from "./parse-fixed-port.ts";
import { parseNames } from "./parse-names.ts";
import { parseServiceName } from "./parse-service-name.ts";
import { parseWriteEvery } from "./parse-write-every.ts";
import { podOptions } from "./pod-options.ts";
import { printManifests } from "./print-manifests.ts";
import { argumentName, readArgument } from "./read-argument.ts";
import { createRemarks, type Remarks } from "./remarks.ts";

/** `kev probe manifests`: what kubectl takes. */
export async function runProbeManifests(options: ProbeManifestsCommandOptions, context: Context): Promise<number> {
  const { image, uninstall, filename, name = "kev-probe", namespace, port, writeEvery } = options;
  if (image !== undefined && uninstall) throw usageError("--uninstall needs no image");
  if (image === undefined && !uninstall) {
    throw usageError('required flag(s) "image" not set', { hint: "make one with docs/Dockerfile" });
  }
  if (filename === undefined) {
    throw usageError('required flag(s) "filename" not set', { hint: "the targets say what the probe may read" });
  }
  parseServiceName("name", name);
  if (namespace !== undefined) parseServiceName("namespace", namespace);
  if (writeEvery !== undefined) parseWriteEvery(writeEvery);
  const targets = await readArgument(filename, context);
  const targetsNamespace = parseNames("targets-namespace", options.targetsNamespace);
  const needs = probeFileNeeds(targets, argumentName(filename), targetsNamespace ?? namespace ?? "kev-probe");
  const install: ProbeManifestsOptions = {
    ...podOptions(options),
    ...{ name, namespace, targets, targetsNamespace, writeEvery, objects: needs.objects },
    createNamespace: options.createNamespace,
    envFromSecrets: parseNames("env-from-secret", options.envFromSecret),
    port: port === undefined ? undefined : parseFixedPort(port),
    serviceMonitor: options.serviceMonitor,
  };
  if (!uninstall) remark(install, needs, await createRemarks(context, options.color));
  printManifests(probeManifests(install), uninstall ?? false, context);
  return 0;
}

/** What the Pod will lack, as far as it can be told from here. */
function remark(
  { envFromSecrets = [] }: ProbeManifestsOptions,
  { env, files, secrets, guessed }: ProbeFileNeeds,
  { warn, note }: Remarks,
): void {
  if (env.length > 0) {
    const variables = env.join(", ");
    if (envFromSecrets.length === 0)
      warn(`the file of targets needs ${variables}: name the Secret by --env-from-secret`);
    else note(`the Secret ${envFromSecrets.join(" or ")} must have ${variables}`);
  }
  if (secrets.length > 0) {
    warn(
      `the file of targets shows ${secrets.join(", ")} to all who may read the ConfigMap: write fromEnv, and --env-from-secret`,
    );
  }
  if (guessed.length > 0) note(`${guessed.join(", ")}: taken for types whose objects have a namespace`);
  if (files.length > 0) {
    warn(`the file of targets reads ${files.join(", ")}, which the Pod does not have: mount it`);
  }
}
