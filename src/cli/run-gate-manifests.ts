import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { GateManifestsOptions } from "../commands/gate.ts";
import { decisionPolicy } from "../gate/decision-policy.ts";
import { gateWebhook } from "../gate/gate-webhook.ts";
import { usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import { parseUrl } from "../util/parse-url.ts";
import type { Context } from "./context.ts";
import { parseNamespaceLabel } from "./parse-namespace-label.ts";
import { toYaml } from "./to-yaml.ts";

/** `kev gate manifests`: what `kubectl apply -f -` takes, or with `--uninstall` what `kubectl delete -f -` takes. */
export async function runGateManifests(options: GateManifestsOptions, { stdout, cwd }: Context): Promise<number> {
  const { url, policyName, uninstall = false } = options;
  if (parseUrl(url)?.protocol !== "https:") throw usageError(`"${url}" is no https:// URL; API servers ask no other`);
  const webhook = gateWebhook({
    url,
    caBundle: await readBundle(resolve(cwd, options.caBundle)),
    namespaceLabel: parseNamespaceLabel(options.namespaceLabel),
  });
  const policies = options.policy === false ? [] : decisionPolicy({ name: policyName });
  // A webhook that outlives its gate would refuse every release; a policy without one hinders nobody.
  const objects = uninstall ? [webhook, ...policies.toReversed()] : [...policies, webhook];
  stdout.write(objects.map((object) => toYaml(object)).join("---\n"));
  return 0;
}

async function readBundle(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw usageError(fileErrorText("open", file, cause), { cause });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw usageError(`${file} holds no certificate in PEM`);
  return text;
}
