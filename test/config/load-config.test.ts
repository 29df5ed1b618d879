import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { configCandidates } from "../../src/config/find-config.ts";
import { loadConfig } from "../../src/config/load-config.ts";

describe("configCandidates", () => {
  const places = { env: {}, cwd: "/project", homeDir: "/home/me" };
  const here = { shown: "kev.yaml", file: "/project/kev.yaml" };

  test.each([
    [{}, [here, { shown: "/home/me/.config/kev/config.yaml", file: "/home/me/.config/kev/config.yaml" }]],
    [
      { env: { XDG_CONFIG_HOME: "/x", KEV_CONFIG: "" } },
      [here, { shown: "/x/kev/config.yaml", file: "/x/kev/config.yaml" }],
    ],
    [
      { env: { XDG_CONFIG_HOME: "relative" } },
      [here, { shown: "/home/me/.config/kev/config.yaml", file: "/home/me/.config/kev/config.yaml" }],
    ],
    [{ env: { KEV_CONFIG: "my.yaml" } }, [{ shown: "my.yaml", file: "/project/my.yaml", namedBy: "$KEV_CONFIG" }]],
    [{ file: "/a.yaml", env: { KEV_CONFIG: "my.yaml" } }, [{ shown: "/a.yaml", file: "/a.yaml", namedBy: "--config" }]],
  ])("%j", (given, candidates) => {
    expect(configCandidates({ ...places, ...given })).toEqual(candidates);
  });
});

describe("loadConfig", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kev-config-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const options = () => ({ env: {}, cwd: folder, homeDir: join(folder, "home") });

  test("is empty without a file", async () => {
    expect(await loadConfig(options())).toEqual({ presets: [], defaults: {} });
  });

  test("takes the first file that exists", async () => {
    await mkdir(join(folder, "home/.config/kev"), { recursive: true });
    const inHome = join(folder, "home/.config/kev/config.yaml");
    await writeFile(inHome, "defaults: {component: home}");
    expect(await loadConfig(options())).toEqual({ path: inHome, presets: [], defaults: { component: "home" } });
    await writeFile(join(folder, "kev.yaml"), "defaults: {component: here}");
    expect(await loadConfig(options())).toEqual({ path: "kev.yaml", presets: [], defaults: { component: "here" } });
    await writeFile(join(folder, "named.yaml"), "");
    expect(await loadConfig({ ...options(), file: "named.yaml" })).toEqual({
      path: "named.yaml",
      presets: [],
      defaults: {},
    });
  });

  test("refuses presets that are fixed", async () => {
    await writeFile(join(folder, "kev.yaml"), "presets: {approve: {reason: Fine}}");
    await expect(loadConfig({ ...options(), fixedPresets: ["approve"] })).rejects.toMatchObject({
      kind: "usage",
      message:
        'kev.yaml:1:11: preset "approve" cannot be changed, the approval gate reads its reason; choose another name',
    });
  });

  test("a named file that is missing is an error", async () => {
    await expect(loadConfig({ ...options(), file: "no.yaml" })).rejects.toMatchObject({
      kind: "usage",
      message: "config file no.yaml does not exist",
      hint: "--config names it",
    });
    await expect(loadConfig({ ...options(), env: { KEV_CONFIG: "no.yaml" } })).rejects.toMatchObject({
      kind: "usage",
      message: "config file no.yaml does not exist",
      hint: "$KEV_CONFIG names it",
    });
  });

  test("a file that cannot be read is an error, named or not", async () => {
    await mkdir(join(folder, "kev.yaml"));
    await expect(loadConfig(options())).rejects.toMatchObject({
      kind: "usage",
      message: "config file cannot be read: read kev.yaml: is a directory",
    });
  });
});
