import { mkdir } from "node:fs/promises";
import { afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { connect } from "../../src/kube/connect.ts";
import { systemAuthorities } from "../../src/kube/system-authorities.ts";
import { json, startApiStub } from "../support/api-stub.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { createFolder, type Folder, kubeconfig } from "../support/kubeconfig-folder.ts";

let authority: Certificate;
let folder: Folder;
beforeAll(async () => {
  authority = await createCertificateAuthority();
});
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

test("are those of SSL_CERT_FILE and SSL_CERT_DIR, and NODE_EXTRA_CA_CERTS", async () => {
  const pem = (name: string) => `-----BEGIN CERTIFICATE-----${name}`;
  await mkdir(folder.at("certs"));
  await folder.write("certs/two", pem("two"));
  const env = {
    SSL_CERT_FILE: await folder.write("one", pem("one")),
    SSL_CERT_DIR: `${folder.at("none")}:${folder.at("certs")}`,
    NODE_EXTRA_CA_CERTS: await folder.write("three", pem("three")),
  };
  expect(await systemAuthorities(env)).toBe([pem("one"), pem("two"), pem("three")].join("\n"));
  expect(await systemAuthorities({ SSL_CERT_FILE: folder.at("none") })).toBeUndefined();
});

test("count where the kubeconfig names none", async () => {
  const server = await issueServerCertificate(authority, ["127.0.0.1"]);
  const stub = await startApiStub({ cert: server.certificate, key: server.key });
  const file = await folder.write("config", kubeconfig({ server: stub.url }));
  const trusted = await folder.write("ca.pem", authority.certificate);
  const other = await folder.write("other.pem", (await createCertificateAuthority("other")).certificate);
  const request = async (SSL_CERT_FILE: string): Promise<unknown> => {
    const connection = await connect({ kubeconfig: file, env: { SSL_CERT_FILE }, homeDir: folder.path });
    stub.next(json({ ok: true }));
    return await connection.request({ path: "/x" }).finally(() => connection.close());
  };
  try {
    expect(await request(trusted)).toEqual({ ok: true });
    await expect(request(other)).rejects.toMatchObject({
      line: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    });
  } finally {
    await stub.close();
  }
});
