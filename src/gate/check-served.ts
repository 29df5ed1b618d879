import { X509Certificate } from "node:crypto";
import { usageError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";

export interface ServedCertificate {
  /** PEM; the first one is the server's, what follows may lie between it and the authority. */
  certificate: string;
  /** PEM: what the API server trusts. */
  caBundle: string;
  /** The name under which it is asked. */
  host: string;
  now: Date;
  /** Named in errors. */
  file: string;
}

/**
 * Throws a usage error for a certificate that an API server would not take: one for another name, out of date, or signed
 * by nobody whom it trusts. A webhook with such a certificate refuses every release.
 */
export function checkServed({ certificate, caBundle, host, now, file }: ServedCertificate): void {
  const [server, ...between] = certificatesOf(certificate, file);
  // Go looks at the names in subjectAltName only.
  if (server.checkHost(host, { subject: "never" }) === undefined) {
    const names = server.subjectAltName ?? "no name";
    throw usageError(`the certificate in ${file} is not for ${host}, but for ${names}`);
  }
  if (new Date(server.validTo) <= now) throw usageError(`the certificate in ${file} expired at ${server.validTo}`);
  if (new Date(server.validFrom) > now) throw usageError(`the certificate in ${file} starts at ${server.validFrom}`);
  const trusted = certificatesOf(caBundle, "--ca-bundle");
  if (!isSigned(server, between, trusted)) {
    throw usageError(`the certificate in ${file} is signed by none of --ca-bundle`);
  }
}

function isSigned(server: X509Certificate, between: readonly X509Certificate[], trusted: readonly X509Certificate[]) {
  let last = server;
  for (;;) {
    const isBy = (authority: X509Certificate): boolean =>
      last.fingerprint256 === authority.fingerprint256 ||
      (last.checkIssued(authority) && last.verify(authority.publicKey));
    if (trusted.some(isBy)) return true;
    const next = between.find((authority) => authority !== last && isBy(authority));
    if (!next) return false;
    between = between.filter((authority) => authority !== next);
    last = next;
  }
}

/** The certificates of a PEM text, at least one; throws a usage error where there is none, or one that cannot be read. */
export function certificatesOf(pem: string, file: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  let certificates: X509Certificate[];
  try {
    certificates = blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw usageError(`${file} holds a certificate that cannot be read: ${errorMessage(cause)}`, { cause });
  }
  const [first, ...others] = certificates;
  if (!first) throw usageError(`${file} holds no certificate in PEM`);
  return [first, ...others];
}
