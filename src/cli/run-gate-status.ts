import type { GateStatusCommandOptions } from "../commands/gate.ts";
import { sinceText } from "../events/age.ts";
import { imageChanges } from "../events/image-changes.ts";
import { gateStatus, type ReleaseStatus } from "../gate/gate-status.ts";
import { matchType } from "../kube/match-type.ts";
import { parseObjectArguments } from "../kube/object-arguments.ts";
import { builtInType } from "../kube/resource-table.ts";
import { usageError } from "../util/errors.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";
import { gateRules } from "./gate-rules.ts";
import { openConnection } from "./open-connection.ts";
import { unknownFormat } from "./output-format.ts";
import { parseNamespaceLabel } from "./parse-namespace-label.ts";
import { type Column, table } from "./table.ts";

const deploymentType = builtInType("apps", "deployments");

/** `kev gate status`: what waits, or how one release stands; 3 when the one that was named is not approved. */
export async function runGateStatus(options: GateStatusCommandOptions, context: Context): Promise<number> {
  const { stdout, stderr, clock, signal } = context;
  const format = outputOf(options.output);
  const name = await nameOf(options.objects);
  if (name !== undefined && options.allNamespaces) {
    throw usageError("a resource cannot be retrieved by name across all namespaces");
  }
  const namespaceLabel = parseNamespaceLabel(options.namespaceLabel);
  const connection = await openConnection(options, context);
  try {
    const { allNamespaces } = options;
    const which = { allNamespaces, name, namespaceLabel };
    const rows = await gateStatus(connection, { ...gateRules(options), ...which, signal, clock });
    if (format !== undefined) {
      const { goJson } = await import("./go-json.ts");
      const { toYaml } = await import("./to-yaml.ts");
      const document = { items: rows };
      stdout.write(format === "json" ? `${goJson(document, 4)}\n` : toYaml(document));
    } else if (rows.length === 0) {
      stderr.write(allNamespaces ? "No release waits.\n" : `No release waits in ${connection.namespace} namespace.\n`);
    } else {
      stdout.write(table(columns(clock.now(), allNamespaces), rows));
      for (const row of rows) stdout.write(details(row, name !== undefined));
    }
    return name !== undefined && rows.some(({ approved }) => !approved) ? 3 : 0;
  } finally {
    connection.close();
  }
}

function columns(now: Date, allNamespaces = false): Column<ReleaseStatus>[] {
  return [
    ...(allNamespaces ? [{ head: "namespace", value: ({ namespace }: ReleaseStatus) => namespace }] : []),
    { head: "deployment", value: ({ name }) => name },
    { head: "state", value: ({ state }) => state },
    {
      head: "waiting",
      value: ({ approved, since }) => (approved ? "<none>" : since && sinceText(new Date(since), now)),
      empty: "<unknown>",
    },
    { head: "images", value: ({ images }) => imageChanges(images.running, images.wanted) },
  ];
}

function details(status: ReleaseStatus, isNamed: boolean): string {
  const { namespace, name, digest, state, approved, gated, decisions, problem } = status;
  const lines = problem ? [`no decision counts: ${problem}`] : [];
  if (!gated) lines.push(`namespace ${namespace} is not gated: nothing holds this release back`);
  if (isNamed) {
    lines.push(`release: ${digest}`);
    for (const { reason, approver, time, message, digest: decided, counts } of decisions) {
      const notes = [
        ...(decided === digest ? [] : [" (another release)"]),
        ...(counts ? [] : [" (not proved, does not count)"]),
      ];
      lines.push(`${time}  ${reason}  ${approver || "<unknown>"}  ${message}${notes.join("")}`);
    }
  }
  const about = `${name} -n ${namespace} --digest ${digest}`;
  // An approval does not count beside a rejection.
  if (state === "Rejected") lines.push(`to take the rejection back, for who rejected it: kev emit revoke ${about}`);
  // Nor does one while nothing proves who wrote it.
  else if (!approved && !problem) lines.push(`to approve: kev emit approve ${about}`);
  return lines.map((line) => `${escapeTerminal(line)}\n`).join("");
}

/** The Deployment that is named, in any of kubectl's ways; undefined: none is. */
async function nameOf(args: readonly string[]): Promise<string | undefined> {
  if (args.length === 0) return undefined;
  const isDeployment = (word: string): boolean => matchType([deploymentType], word) !== undefined;
  const selection = await parseObjectArguments({ args, defaultKind: "deployments" }, async (word) =>
    isDeployment(word),
  );
  const [target, ...others] = selection.by === "name" ? selection.targets : [];
  if (target && others.length === 0 && isDeployment(target.type)) return target.name;
  throw usageError("name one Deployment, like deploy/ui-server");
}

function outputOf(format = ""): "json" | "yaml" | undefined {
  if (format === "") return undefined;
  if (format === "json" || format === "yaml") return format;
  throw unknownFormat(format, format, ["json", "yaml"]);
}
