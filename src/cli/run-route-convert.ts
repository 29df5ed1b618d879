import type { RouteConvertCommandOptions } from "../commands/route-convert.ts";
import { convertEventExporterConfig } from "../route/convert/convert-event-exporter-config.ts";
import type { Context } from "./context.ts";
import { argumentName, readArgument } from "./read-argument.ts";
import { createRemarks } from "./remarks.ts";

/** `kev route convert`: the file to stdout, every difference to stderr. */
export async function runRouteConvert({ file }: RouteConvertCommandOptions, context: Context): Promise<number> {
  const source = await readArgument(file, context);
  const { text, differences } = convertEventExporterConfig(source, { path: argumentName(file), env: context.env });
  const { note } = await createRemarks(context);
  for (const { where, text: what } of differences) note(where === "" ? what : `${where}: ${what}`);
  context.stdout.write(text);
  return 0;
}
