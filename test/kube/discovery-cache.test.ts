import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { cacheFolder, createDiscoveryCache } from "../../src/kube/discovery-cache.ts";
import { resourceTable } from "../../src/kube/resource-table.ts";
import type { Clock } from "../../src/util/clock.ts";

const server = "https://kube.test:6443/k8s/c1";
const start = Date.parse("2026-11-23T09:00:00Z");
const discovery = { types: resourceTable.slice(0, 2), failed: ["metrics.k8s.io/v1beta1"] };

function clockAt(time: number): Clock {
  return { now: () => new Date(time), sleep: () => Promise.reject(new Error("Unexpected sleep")) };
}

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-cache-"));
  file = join(folder, "discovery", "kube.test_6443", "k8s", "c1", "kev", "types.json");
});
afterEach(() => rm(folder, { recursive: true }));

describe("createDiscoveryCache", () => {
  test("keeps one file in kubectl's folder of the server, and nothing beside it", async () => {
    await createDiscoveryCache(folder, server, clockAt(start)).write(discovery);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({
      form: 1,
      server: "https://kube.test:6443/k8s/c1",
      time: "2026-11-23T09:00:00.000Z",
      ...discovery,
    });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      "discovery",
      "discovery/kube.test_6443",
      "discovery/kube.test_6443/k8s",
      "discovery/kube.test_6443/k8s/c1",
      "discovery/kube.test_6443/k8s/c1/kev",
      "discovery/kube.test_6443/k8s/c1/kev/types.json",
    ]);
  });

  const hour = 60 * 60 * 1000;
  test.each([
    ["at once", 0, discovery],
    ["before six hours", 6 * hour - 1, discovery],
    ["after six hours", 6 * hour, undefined],
    ["under a clock that was set back", -1, undefined],
  ])("reads %s", async (_when, later, expected) => {
    await createDiscoveryCache(folder, server, clockAt(start)).write(discovery);
    expect(await createDiscoveryCache(folder, server, clockAt(start + later)).read()).toEqual(expected);
  });

  test("the last one to write wins", async () => {
    const cache = createDiscoveryCache(folder, server, clockAt(start));
    await cache.write(discovery);
    await cache.write({ types: [], failed: [] });
    expect(await cache.read()).toEqual({ types: [], failed: [] });
  });

  test("another server of the same folder name does not count", async () => {
    await createDiscoveryCache(folder, "https://kube.test_6443", clockAt(start)).write(discovery);
    expect(await createDiscoveryCache(folder, "https://kube.test:6443", clockAt(start)).read()).toBeUndefined();
  });

  test.each(["", "{", "null", `{"form":1,"server":"${server}","time":"2026-11-23T09:00:00.000Z"}`])(
    "a file of %j is no cache, and is replaced",
    async (text) => {
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, text);
      const cache = createDiscoveryCache(folder, server, clockAt(start));
      expect(await cache.read()).toBeUndefined();
      await cache.write(discovery);
      expect(await cache.read()).toEqual(discovery);
    },
  );

  test("a folder that cannot be written is ignored, and no draft stays", async () => {
    await writeFile(join(folder, "discovery"), "a file where a folder should be");
    const cache = createDiscoveryCache(folder, server, clockAt(start));
    await cache.write(discovery);
    expect(await cache.read()).toBeUndefined();
    expect(await readdir(folder)).toEqual(["discovery"]);
  });

  test("nor is one that the system does not let anybody make", async () => {
    const cache = createDiscoveryCache("/proc/kev", server, clockAt(start));
    await cache.write(discovery);
    expect(await cache.read()).toBeUndefined();
  });

  test("a server's path does not lead out of the folder", async () => {
    await createDiscoveryCache(join(folder, "cache"), "https://x/../../../..", clockAt(start)).write(discovery);
    expect(await readdir(folder)).toEqual(["cache"]);
    expect(await readdir(join(folder, "cache", "discovery", "x", "__", "__", "__", "__"))).toEqual(["kev"]);
  });
});

test("the cache's folder is kubectl's", () => {
  expect(cacheFolder(undefined, {}, "/home/ann")).toBe("/home/ann/.kube/cache");
  expect(cacheFolder("", { KUBECACHEDIR: "" }, "/home/ann")).toBe("/home/ann/.kube/cache");
  expect(cacheFolder(undefined, { KUBECACHEDIR: "/var/k" }, "/home/ann")).toBe("/var/k");
  expect(cacheFolder("/flag", { KUBECACHEDIR: "/var/k" }, "/home/ann")).toBe("/flag");
});
