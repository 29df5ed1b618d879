import { mkdir } from "node:fs/promises";
import { delimiter } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadKubeconfig } from "../../src/kube/load-kubeconfig.ts";
import { createFolder, type Folder, kubeconfig } from "../support/kubeconfig-folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const load = (places: { explicit?: string; list?: string[] }) =>
  loadKubeconfig({
    explicit: places.explicit,
    env: places.list ? { KUBECONFIG: places.list.join(delimiter) } : {},
    homeDir: folder.path,
  });

describe("which files", () => {
  test("without KUBECONFIG, the one in the home folder", async () => {
    await mkdir(folder.at(".kube"));
    await folder.write(".kube/config", kubeconfig({ server: "https://home" }));
    const { kubeconfig: loaded, missing } = await load({});
    expect(loaded.clusters.get("c")?.server).toBe("https://home");
    expect(missing).toEqual([]);
  });

  test("the explicit one alone, whatever KUBECONFIG says", async () => {
    await folder.write("a", kubeconfig({ server: "https://a" }));
    await folder.write("b", { clusters: [{ name: "other", cluster: { server: "https://b" } }] });
    const { kubeconfig: loaded } = await load({ explicit: folder.at("a"), list: [folder.at("b")] });
    expect([...loaded.clusters.keys()]).toEqual(["c"]);
  });

  test("an explicit one that is missing is an error", async () => {
    const path = folder.at("none");
    await expect(load({ explicit: path })).rejects.toMatchObject({
      kind: "usage",
      line: `error: stat ${path}: no such file or directory`,
    });
  });

  test("missing files of a list are skipped and named, duplicates and empty entries dropped", async () => {
    const none = folder.at("none");
    const found = await folder.write("a", kubeconfig({ server: "https://a" }));
    const { kubeconfig: loaded, missing } = await load({ list: [none, "", found, none] });
    expect(loaded.currentContext).toBe("x");
    expect(missing).toEqual([none]);
  });

  test("no file at all is an empty kubeconfig", async () => {
    const { kubeconfig: loaded, missing } = await load({});
    expect(loaded).toEqual({ currentContext: "", clusters: new Map(), users: new Map(), contexts: new Map() });
    expect(missing).toEqual([folder.at(".kube/config")]);
  });

  test("a folder is an error", async () => {
    await expect(load({ list: [folder.path] })).rejects.toMatchObject({
      kind: "usage",
      line: `error: error loading config file "${folder.path}": read ${folder.path}: is a directory`,
    });
  });
});

describe("several files", () => {
  test("that are broken are all named", async () => {
    const [first, second] = [await folder.write("first", "a: ["), await folder.write("second", "text")];
    await expect(load({ list: [first, second] })).rejects.toMatchObject({
      kind: "usage",
      line: `error loading config file "${first}": yaml: line 1: unexpected end of the stream within a flow collection
error loading config file "${second}": the document: expected a mapping, got a string`,
    });
  });

  test("the first wins each name whole, and the first current-context that is set", async () => {
    const first = await folder.write("first", {
      clusters: [{ name: "c", cluster: { server: "https://first" } }],
      users: [{ name: "u", user: { token: "one" } }],
    });
    const second = await folder.write("second", {
      ...kubeconfig({ server: "https://second", "tls-server-name": "second" }, { token: "two", as: "two" }),
      users: [
        { name: "u", user: { token: "two", as: "two" } },
        { name: "v", user: { token: "three" } },
      ],
    });
    const third = await folder.write("third", { "current-context": "y" });
    const { kubeconfig: loaded } = await load({ list: [first, second, third] });
    expect(loaded.currentContext).toBe("x");
    expect(loaded.clusters.get("c")).toMatchObject({ server: "https://first", tlsServerName: "" });
    expect(loaded.users.get("u")).toMatchObject({ token: "one", as: "" });
    expect(loaded.users.get("v")).toMatchObject({ token: "three" });
  });

  test("relative paths count from their own file; a plug-in without a slash is looked up on PATH", async () => {
    await mkdir(folder.at("sub"));
    const user = (command: string) => ({
      "client-certificate": "u.crt",
      "client-key": "/abs/u.key",
      tokenFile: "../token",
      exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command },
    });
    const sub = await folder.write("sub/a", kubeconfig({ "certificate-authority": "ca.crt" }, user("./bin/login")));
    const { kubeconfig: loaded } = await load({ list: [sub] });
    expect(loaded.clusters.get("c")?.certificateAuthority).toBe(folder.at("sub/ca.crt"));
    expect(loaded.users.get("u")).toMatchObject({
      clientCertificate: folder.at("sub/u.crt"),
      clientKey: "/abs/u.key",
      tokenFile: folder.at("token"),
      exec: { command: folder.at("sub/bin/login"), interactiveMode: "IfAvailable" },
    });
    await folder.write("sub/a", kubeconfig({}, user("login")));
    expect((await load({ list: [sub] })).kubeconfig.users.get("u")?.exec?.command).toBe("login");
  });
});
