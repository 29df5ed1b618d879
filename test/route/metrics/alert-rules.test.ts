import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { alertRules, alertRulesYaml } from "../../../src/route/metrics/alert-rules.ts";
import { routeDashboard } from "../../../src/route/metrics/route-dashboard.ts";
import { routeMetricTable } from "../../../src/route/metrics/route-metric-table.ts";
import { golden } from "../../support/golden.ts";

const known = new Set<string>(Object.values(routeMetricTable).map(({ name }) => name));

/** The metrics that PromQL in a text names. */
const named = (text: string): string[] => [
  ...new Set([...text.matchAll(/\bkev_\w+/g)].map(([name]) => name.replace(/_bucket$/, ""))),
];

describe("alert rules", () => {
  test("are a rule file", () => {
    const text = alertRulesYaml();
    expect(text).toBe(golden("route-alerts.yaml", text));
    expect(parse(text)).toEqual(alertRules());
  });

  test("name metrics that are there, and labels that these have", () => {
    const { rules } = alertRules().groups[0] ?? { rules: [] };
    for (const { expr, annotations } of rules) {
      const metrics = named(expr);
      expect(metrics.filter((name) => !known.has(name))).toEqual([]);
      const definition = Object.values(routeMetricTable).find(({ name }) => name === metrics[0]);
      const labels = new Set<string>(["instance", "job", ...(definition?.labels ?? [])]);
      const used = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label);
      expect(used.filter((label) => !labels.has(label))).toEqual([]);
    }
  });

  test("have names of their own, and say what they are about", () => {
    const { rules } = alertRules().groups[0] ?? { rules: [] };
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { annotations } of rules) {
      expect(annotations.summary).toMatch(/^[A-Z{].*[^.]$/);
      expect(annotations.description).toMatch(/[.?]$/);
    }
  });
});

describe("the dashboard", () => {
  const dashboard = routeDashboard();

  test("shows each metric of the table and no other", () => {
    expect(named(JSON.stringify(dashboard)).sort()).toEqual([...known].sort());
  });

  test("is what Grafana imports", () => {
    const text = `${JSON.stringify(dashboard, null, 2)}\n`;
    expect(text).toBe(golden("route-dashboard.json", text));
  });

  test("has panels that do not lie on each other, each with a number of its own", () => {
    interface Panel {
      id: number;
      gridPos: { x: number; y: number; w: number; h: number };
    }
    const panels = dashboard.panels as Panel[];
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.map(({ id }) => id)).toEqual(panels.map((_, at) => at + 1));
  });
});
