import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { expect, test } from "@jest/globals";
import {
  createCertificateAuthority,
  createServiceAccountKey,
  issueClientCertificate,
  issueServerCertificate,
} from "./certificates.ts";

test("a server and a client with issued certificates trust each other", async () => {
  const authority = await createCertificateAuthority();
  const serving = await issueServerCertificate(authority, ["localhost", "127.0.0.1"]);
  const jane = await issueClientCertificate(authority, {
    user: "jane@example.com, O=ü",
    groups: ["system:masters", "b"],
  });
  const ca = authority.certificate;
  const tls = { ca, cert: serving.certificate, key: serving.key, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, ({ socket }, response) => {
    const { subject } = (socket as TLSSocket).getPeerCertificate();
    response.end(JSON.stringify(subject));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");

  const { port } = server.address() as AddressInfo;
  const options = { ca, cert: jane.certificate, key: jane.key, agent: false };
  const body = await new Promise<string>((resolve, reject) => {
    get(`https://127.0.0.1:${port}/`, options, async (response) => {
      resolve((await response.setEncoding("utf8").toArray()).join(""));
    }).on("error", reject);
  });
  server.close();

  expect(JSON.parse(body)).toEqual({ O: ["system:masters", "b"], CN: "jane@example.com, O=ü" });
});

test("names, validity and issuer are as asked", async () => {
  const authority = await createCertificateAuthority("another CA");
  const validity = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2020-01-02T00:00:00Z") };
  const { certificate, key } = await issueServerCertificate(authority, ["kev.example", "10.0.0.1", "::1"], validity);

  const parsed = new X509Certificate(certificate);
  expect({
    subject: parsed.subject,
    issuer: parsed.issuer,
    names: parsed.subjectAltName,
    from: parsed.validFrom,
    to: parsed.validTo,
    ca: parsed.ca,
    issued: parsed.checkIssued(new X509Certificate(authority.certificate)),
    signed: parsed.verify(createPublicKey(authority.certificate)),
    keyFits: parsed.checkPrivateKey(createPrivateKey(key)),
  }).toEqual({
    subject: "CN=kev.example",
    issuer: "CN=another CA",
    names: "DNS:kev.example, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    from: "Jan  1 00:00:00 2020 GMT",
    to: "Jan  2 00:00:00 2020 GMT",
    ca: false,
    issued: true,
    signed: true,
    keyFits: true,
  });
});

test("the service-account key is an RSA pair", async () => {
  const { publicKey, privateKey } = await createServiceAccountKey();

  expect(createPrivateKey(privateKey).asymmetricKeyType).toBe("rsa");
  expect(createPublicKey(privateKey).export({ type: "spki", format: "pem" })).toBe(publicKey);
});
