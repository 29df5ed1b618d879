import type { Command, Option } from "commander";
import { commandPath, withSubcommands } from "../../src/cli/command-tree.ts";
import { exitCodeTable } from "../../src/cli/exit-codes.ts";
import { flagTerm } from "../../src/cli/help-layout.ts";
import { createProgram } from "../../src/cli/program.ts";
import { builtInPresets } from "../../src/events/presets.ts";
import { metricRows } from "../../src/metrics/metric-definition.ts";
import { probeMetricTable } from "../../src/probe/metrics/probe-metric-table.ts";
import { routeMetricTable } from "../../src/route/metrics/route-metric-table.ts";
import { sinkTypes } from "../../src/sinks/registry.ts";
import { trackMetricTable } from "../../src/track/track-metric-table.ts";

/** The parts of the README that the code's own declarations make, by the name in their markers. */
export function referenceParts(): ReadonlyMap<string, string> {
  const program = createProgram({ run: async () => undefined });
  return new Map([
    ["commands", commandsPart(program)],
    ["global flags", flagTable(program.options)],
    ["sinks", sinkTable()],
    ["presets", presetTable()],
    ["route metrics", table(["metric", "type", "labels", "meaning"], metricRows(Object.values(routeMetricTable)))],
    ["probe metrics", table(["metric", "type", "labels", "meaning"], metricRows(Object.values(probeMetricTable)))],
    ["track metrics", table(["metric", "type", "labels", "meaning"], metricRows(Object.values(trackMetricTable)))],
    ["exit codes", table(["code", "meaning"], exitCodeTable)],
  ]);
}

function commandsPart(program: Command): string {
  const parts = withSubcommands(program)
    .slice(1)
    .map((command) => {
      const path = commandPath(command);
      const usage = `### \`kev ${path}\`\n\n\`kev ${path} ${command.usage()}\`: ${command.summary()}.`;
      return command.options.length === 0 ? usage : `${usage}\n\n${flagTable(command.options)}`;
    });
  return parts.join("\n\n");
}

function flagTable(options: readonly Option[]): string {
  const shown = options.filter(({ hidden }) => !hidden);
  return table(
    ["flag", "meaning"],
    shown.map((option) => [`\`${flagTerm(option)}\``, option.description]),
  );
}

function presetTable(): string {
  return table(
    ["preset", "reason", "type", "message", "from", "means"],
    builtInPresets.map(({ name, reason, type, message = "", component = "kev", description }) => [
      `\`${name}\``,
      `\`${reason}\``,
      type,
      message,
      `\`${component}\``,
      description,
    ]),
  );
}

function sinkTable(): string {
  return table(
    ["type", "what it sends"],
    sinkTypes.map(({ type, summary, client }) => [
      `\`${type}\``,
      client === undefined ? summary : `${summary}; needs the package ${client}`,
    ]),
  );
}

/** A GitHub table. Cells are Markdown, but for `|`, `<` and line feeds, which would end them. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(heads), `|${heads.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  const isCode = text.startsWith("`");
  const escaped = text.replaceAll("|", "\\|").replaceAll("\n", " ");
  return isCode ? escaped : escaped.replaceAll("<", "&lt;");
}
