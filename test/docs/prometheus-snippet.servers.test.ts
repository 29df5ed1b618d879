import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { promtool } from "../servers/promtool.ts";
import { readme } from "./check-console.ts";
import { snippetsOf } from "./snippets.ts";

test("Prometheus takes the configuration that README.md shows", async () => {
  const snippet = snippetsOf(readFileSync(readme, "utf8")).find(({ file }) => file === "prometheus.yaml");
  const folder = await mkdtemp(join(tmpdir(), "kev-prometheus-"));
  try {
    await writeFile(join(folder, "prometheus.yaml"), snippet?.body ?? "");
    const { code, output } = await promtool(["check", "config", join(folder, "prometheus.yaml")]);

    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
