import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { plainTls } from "../../src/kube/client-config.ts";
import { tlsMaterialReader } from "../../src/kube/tls-material.ts";
import { tokenFile } from "../../src/kube/token-file.ts";
import { createCertificateAuthority, issueClientCertificate } from "../support/certificates.ts";
import { createFolder, type Folder } from "../support/kubeconfig-folder.ts";

let folder: Folder;
let now: number;
beforeEach(async () => {
  folder = await createFolder();
  now = 0;
});
afterEach(() => folder.remove());

describe("tokenFile", () => {
  test("is read again after 50 seconds; the last token stays when the file goes", async () => {
    const file = tokenFile(await folder.write("t", "one\n"), () => now);
    expect(await file.read()).toBe("one");
    await folder.write("t", "two");
    now = 49_999;
    expect(await file.read()).toBe("one");
    now = 50_000;
    expect(await file.read()).toBe("two");
    await rm(folder.at("t"));
    now = 200_000;
    expect(await file.read()).toBe("two");
  });

  test("is refused when there never was a token", async () => {
    await expect(tokenFile(folder.at("none"), () => now).read()).rejects.toMatchObject({
      kind: "refused",
      line: `error: open ${folder.at("none")}: no such file or directory`,
    });
    await expect(tokenFile(await folder.write("e", " \n"), () => now).read()).rejects.toMatchObject({
      kind: "refused",
      line: `error: read empty token from file "${folder.at("e")}"`,
    });
  });
});

test("certificates are read again after a minute, and stay the same object while they are the same", async () => {
  const file = await folder.write("ca.crt", "-----BEGIN CERTIFICATE-----1");
  const read = tlsMaterialReader({ ...plainTls, authority: { file } }, () => now);
  const first = await read();
  expect(first).toEqual({ authority: "-----BEGIN CERTIFICATE-----1", certificate: undefined, key: undefined });
  now = 60_000;
  expect(await read()).toBe(first);
  await folder.write("ca.crt", "-----BEGIN CERTIFICATE-----2");
  now = 119_999;
  expect(await read()).toBe(first);
  now = 120_000;
  expect((await read()).authority).toBe("-----BEGIN CERTIFICATE-----2");
  await rm(file);
  now = 180_000;
  expect((await read()).authority).toBe("-----BEGIN CERTIFICATE-----2");
});

test("a certificate without its key, in the middle of a renewal, is not used; both are read again soon", async () => {
  const authority = await createCertificateAuthority();
  const [old, renewed] = await Promise.all(["old", "new"].map((user) => issueClientCertificate(authority, { user })));
  const certificate = { file: await folder.write("tls.crt", old?.certificate) };
  const key = { file: await folder.write("tls.key", old?.key) };
  const read = tlsMaterialReader({ ...plainTls, certificate: { certificate, key } }, () => now);
  const first = await read();
  await folder.write("tls.crt", renewed?.certificate);
  now = 60_000;
  expect(await read()).toBe(first);
  await folder.write("tls.key", renewed?.key);
  now = 65_000;
  expect(await read()).toMatchObject({ certificate: renewed?.certificate, key: renewed?.key });
});

test("what cannot be used at the start is read again by the next request", async () => {
  const authority = await createCertificateAuthority();
  const [one, other] = await Promise.all(["one", "other"].map((user) => issueClientCertificate(authority, { user })));
  const certificate = { file: await folder.write("tls.crt", one?.certificate) };
  const key = { file: await folder.write("tls.key", other?.key) };
  const read = tlsMaterialReader({ ...plainTls, certificate: { certificate, key } }, () => now);
  expect(await read()).toMatchObject({ key: other?.key });
  await folder.write("tls.key", one?.key);
  expect(await read()).toMatchObject({ key: one?.key });
});
