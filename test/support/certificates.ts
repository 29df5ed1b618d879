import "../control-plane/reflect.ts";
import { createPrivateKey, generateKeyPair, KeyObject, randomBytes, type webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import type { Extension, JsonName } from "@peculiar/x509";

/** A certificate and its key, ECDSA P-256, both PEM (the key PKCS #8). */
export interface Certificate {
  certificate: string;
  key: string;
}

export interface Validity {
  /** Default: an hour ago. */
  notBefore?: Date;
  /** Default: in 30 days. */
  notAfter?: Date;
}

// Not a static import: jest runs CommonJS modules while it links, when the polyfill above has not run yet.
const x509 = () => import("@peculiar/x509");

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hour = 3_600_000;

/** A new certificate authority that signs itself. */
export async function createCertificateAuthority(name = "kev test CA", validity: Validity = {}): Promise<Certificate> {
  const x = await x509();
  const keys = await newKeys();
  const certificate = await x.X509CertificateGenerator.createSelfSigned({
    ...terms(validity),
    name: [{ CN: [name] }],
    keys,
    extensions: [
      new x.BasicConstraintsExtension(true, undefined, true),
      new x.KeyUsagesExtension(x.KeyUsageFlags.keyCertSign | x.KeyUsageFlags.cRLSign, true),
      await x.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: privatePem(keys) };
}

/** A server's certificate; `names` are DNS names and IP addresses, the first is the CN too. */
export async function issueServerCertificate(
  authority: Certificate,
  names: readonly [string, ...string[]],
  validity: Validity = {},
): Promise<Certificate> {
  const x = await x509();
  const alternatives = names.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value }));
  return issue(authority, [{ CN: [names[0]] }], validity, [
    new x.ExtendedKeyUsageExtension([x.ExtendedKeyUsage.serverAuth]),
    new x.SubjectAlternativeNameExtension(alternatives),
  ]);
}

/** A server's certificate that nobody but itself has signed. */
export async function createSelfSignedCertificate(name: string, validity: Validity = {}): Promise<Certificate> {
  const x = await x509();
  const keys = await newKeys();
  const certificate = await x.X509CertificateGenerator.createSelfSigned({
    ...terms(validity),
    name: [{ CN: [name] }],
    keys,
    extensions: [
      new x.KeyUsagesExtension(x.KeyUsageFlags.digitalSignature, true),
      new x.ExtendedKeyUsageExtension([x.ExtendedKeyUsage.serverAuth]),
      new x.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
    ],
  });
  return { certificate: certificate.toString("pem"), key: privatePem(keys) };
}

/** A client's certificate as the API server reads it: the CN is the user, each O a group. */
export async function issueClientCertificate(
  authority: Certificate,
  { user, groups = [] }: { user: string; groups?: readonly string[] },
  validity: Validity = {},
): Promise<Certificate> {
  const x = await x509();
  return issue(authority, [...groups.map((group) => ({ O: [group] })), { CN: [user] }], validity, [
    new x.ExtendedKeyUsageExtension([x.ExtendedKeyUsage.clientAuth]),
  ]);
}

/** The key that signs service-account tokens: RSA 2048, both halves PEM. */
export async function createServiceAccountKey(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

async function issue(
  authority: Certificate,
  subject: JsonName,
  validity: Validity,
  extensions: Extension[],
): Promise<Certificate> {
  const x = await x509();
  const keys = await newKeys();
  const issuer = new x.X509Certificate(authority.certificate);
  const certificate = await x.X509CertificateGenerator.create({
    ...terms(validity),
    subject,
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x.BasicConstraintsExtension(false, undefined, true),
      new x.KeyUsagesExtension(x.KeyUsageFlags.digitalSignature, true),
      await x.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...extensions,
    ],
  });
  return { certificate: certificate.toString("pem"), key: privatePem(keys) };
}

function terms({ notBefore, notAfter }: Validity) {
  const now = Date.now();
  // 01 in front: serial numbers are positive and have no leading zero byte.
  const serialNumber = `01${randomBytes(15).toString("hex")}`;
  return {
    serialNumber,
    notBefore: notBefore ?? new Date(now - hour),
    notAfter: notAfter ?? new Date(now + 30 * 24 * hour),
    signingAlgorithm: algorithm,
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

function privatePem(keys: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
}
