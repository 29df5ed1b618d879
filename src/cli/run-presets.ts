import type { PresetsCommandOptions } from "../commands/presets.ts";
import type { Preset } from "../events/presets.ts";
import { usageError } from "../util/errors.ts";
import { unicodeEscape, unsafeInJson } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";
import { loadPresets } from "./load-presets.ts";
import { type Column, table } from "./table.ts";

const columns: readonly Column<Preset>[] = [
  { head: "name", value: ({ name }) => name },
  { head: "reason", value: ({ reason }) => reason },
  { head: "type", value: ({ type }) => type },
  { head: "from", value: ({ source }) => source },
  { head: "description", value: ({ description }) => description },
];

const wideColumns: readonly Column<Preset>[] = [
  ...columns.slice(0, 3),
  { head: "component", value: ({ component }) => component ?? "kev" },
  { head: "kind", value: ({ kind }) => kind ?? "Deployment" },
  { head: "message", value: ({ message }) => message },
  ...columns.slice(3),
];

/** `kev presets`: asks no server. */
export async function runPresets(options: PresetsCommandOptions, context: Context): Promise<number> {
  const { presets } = await loadPresets(options.config, context);
  context.stdout.write(await text(presets, options, context));
  return 0;
}

async function text(presets: readonly Preset[], options: PresetsCommandOptions, { stdout }: Context): Promise<string> {
  const tableOptions = { noHeaders: options.headers === false, width: stdout.columns };
  switch (options.output) {
    case undefined:
    case "":
      return table(columns, presets, tableOptions);
    case "wide":
      return table(wideColumns, presets, tableOptions);
    case "name":
      return presets.map(({ name }) => `${name}\n`).join("");
    case "json":
      return `${JSON.stringify(presets, null, 4).replace(unsafeInJson, unicodeEscape)}\n`;
    case "yaml":
      return (await import("./to-yaml.ts")).toYaml(presets);
    default:
      throw usageError(
        `unable to match a printer suitable for the output format "${options.output}", allowed formats are: json,name,wide,yaml`,
      );
  }
}
