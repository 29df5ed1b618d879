import { chmod, mkdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pluginRefusal, readPluginPolicy } from "../../src/kube/plugin-policy.ts";
import { createFolder, type Folder } from "../support/kubeconfig-folder.ts";

const v1beta1 = { apiVersion: "kubectl.config.k8s.io/v1beta1", kind: "Preference" };

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
  await mkdir(folder.at(".kube"));
});
afterEach(() => folder.remove());

const read = (env: Record<string, string> = {}) => readPluginPolicy(env, folder.path);

describe("kubectl's settings", () => {
  test.each<[string, unknown]>([
    ["none", undefined],
    ["an empty file", ""],
    ["nothing about plug-ins", v1beta1],
    ["all allowed", { ...v1beta1, credentialPluginPolicy: "AllowAll" }],
    [
      "a version that knows no policy",
      { ...v1beta1, apiVersion: "kubectl.config.k8s.io/v1alpha1", credentialPluginPolicy: "DenyAll" },
    ],
  ])("%s: all may run", async (_, content) => {
    if (content !== undefined) await folder.write(".kube/kuberc", content);
    expect(await read()).toEqual({ type: "AllowAll", commands: [] });
  });

  test("of the home folder, or of $KUBERC, which also turns them off", async () => {
    await folder.write(
      ".kube/kuberc",
      `kind: Other\n---\n${JSON.stringify({ ...v1beta1, credentialPluginPolicy: "DenyAll" })}`,
    );
    const credentialPluginAllowlist = [{ command: "login" }, { name: "/opt/login" }];
    const other = await folder.write("other", {
      ...v1beta1,
      credentialPluginPolicy: "Allowlist",
      credentialPluginAllowlist,
    });
    expect(await read()).toEqual({ type: "DenyAll", commands: [] });
    expect(await read({ KUBERC: other })).toEqual({ type: "Allowlist", commands: ["login", "/opt/login"] });
    expect(await read({ KUBERC: "off" })).toEqual({ type: "AllowAll", commands: [] });
    expect(await read({ KUBECTL_KUBERC: "false" })).toEqual({ type: "AllowAll", commands: [] });
  });

  test.each<[string, string]>([
    ["a: [", "kuberc error kuberc: FILE is not YAML"],
    ["kind: Other", "kuberc error kuberc: no valid preferences found in FILE"],
    [
      JSON.stringify({ ...v1beta1, credentialPluginAllowlist: [] }),
      'misconfigured credential plugin allowlist: plugin policy is "" but allowlist is non-nil',
    ],
    [JSON.stringify({ ...v1beta1, credentialPluginPolicy: "Some" }), 'unknown plugin policy: "Some"'],
    [
      JSON.stringify({ ...v1beta1, credentialPluginPolicy: "Allowlist" }),
      'credential plugin policy set to "Allowlist", but allowlist is unspecified',
    ],
    [
      JSON.stringify({ ...v1beta1, credentialPluginPolicy: "Allowlist", credentialPluginAllowlist: [] }),
      'credential plugin policy set to "Allowlist", but allowlist is empty; use "DenyAll" policy instead',
    ],
    [
      JSON.stringify({ ...v1beta1, credentialPluginPolicy: "Allowlist", credentialPluginAllowlist: [{}] }),
      "misconfigured credential plugin allowlist: empty allowlist entry #1",
    ],
    [
      JSON.stringify({
        ...v1beta1,
        credentialPluginPolicy: "Allowlist",
        credentialPluginAllowlist: [{ command: "/a/../b" }],
      }),
      'non-normalized file path: "/a/../b" vs "/b"',
    ],
  ])("%s is refused", async (content, message) => {
    const file = await folder.write(".kube/kuberc", content);
    await expect(read()).rejects.toMatchObject({
      kind: "usage",
      line: `error occurred while applying preferences ${message.replace("FILE", file)}`,
    });
  });

  test("that $KUBERC names must be there", async () => {
    await expect(read({ KUBERC: folder.at("none") })).rejects.toMatchObject({
      line: `error occurred while applying preferences kuberc error kuberc: open ${folder.at("none")}: no such file or directory`,
    });
  });
});

describe("a plug-in", () => {
  beforeEach(async () => {
    for (const name of ["login", "other"]) await chmod(await folder.write(name, "#!/bin/sh\n"), 0o755);
  });

  test.each<[readonly string[], string, string | undefined]>([
    [["login"], "login", undefined],
    [["login"], "FOLDER/login", undefined],
    [["FOLDER/login"], "login", undefined],
    [["FOLDER/other"], "login", 'plugin path "FOLDER/login" is not permitted by the credential plugin allowlist'],
    [
      ["login"],
      "nope",
      'plugin path "nope" cannot be resolved for credential plugin allowlist check: exec: "nope": executable file not found in $PATH',
    ],
  ])("with the list %j: %s", async (list, command, refusal) => {
    const real = (text: string) => text.replace("FOLDER", folder.path);
    const policy = { type: "Allowlist", commands: list.map(real) } as const;
    expect(await pluginRefusal(policy, real(command), folder.path)).toBe(refusal && real(refusal));
  });

  test("does not run where none may", async () => {
    const refusal = await pluginRefusal({ type: "DenyAll", commands: [] }, "login", folder.path);
    expect(refusal).toBe('plugin "login" not allowed: policy set to "DenyAll"');
  });
});
