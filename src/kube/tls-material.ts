import { readFile } from "node:fs/promises";
import { usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import type { PemSource, TlsConfig } from "./client-config.ts";

/** PEM texts for one TLS connection. The same object as long as nothing changed. */
export interface TlsMaterial {
  readonly authority: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** The machine's authorities; only where `authority` is undefined. */
  readonly system?: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

const maxAge = 60_000;
/** After files that cannot be used: somebody may just be writing them. */
const shortAge = 5_000;

/**
 * Reads the certificates of `tls`; files are read again every minute, so that renewed ones are used without a restart.
 * What could once be used is kept while that cannot be: unreadable files, a key of another certificate.
 *
 * @param now milliseconds
 * @param env for the machine's own authorities (`systemAuthorities`), read once where `tls` names none; without it they are
 *   Node's
 * @throws from the returned function: KevError (usage) for files that cannot be read or hold no PEM
 */
export function tlsMaterialReader(tls: TlsConfig, now: () => number, env?: Env): () => Promise<TlsMaterial> {
  let current: TlsMaterial | undefined;
  let readAgainAt = 0;
  const usesSystem = env !== undefined && !tls.authority && !tls.insecure;
  return async () => {
    if (current && now() < readAgainAt) return current;
    readAgainAt = now() + maxAge;
    try {
      const system = usesSystem ? (current?.system ?? (await ofSystem(env))) : undefined;
      const next = { ...(await read(tls)), system };
      if (current && same(current, next)) return current;
      // Certificate and key are two files, of which one may be new already.
      if (await isPair(next)) current = next;
      else readAgainAt = now() + shortAge;
      // The first ones are for who says what is wrong with them.
      return current ?? next;
    } catch (error) {
      if (!current) throw error;
      readAgainAt = now() + shortAge;
      return current;
    }
  };
}

/** Whether the key is that of the certificate, if there are any. */
async function isPair({ certificate, key }: TlsMaterial): Promise<boolean> {
  if (certificate === undefined || key === undefined) return true;
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

async function ofSystem(env: Env): Promise<string | undefined> {
  // Most kubeconfigs name an authority.
  const { systemAuthorities } = await import("./system-authorities.ts");
  return await systemAuthorities(env);
}

async function read(tls: TlsConfig): Promise<TlsMaterial> {
  const [authority, certificate, key] = await Promise.all([
    pemOf(tls.authority),
    pemOf(tls.certificate?.certificate),
    pemOf(tls.certificate?.key),
  ]);
  if (authority !== undefined && !authority.includes("-----BEGIN ")) {
    throw usageError("unable to load root certificates: unable to parse bytes as PEM block");
  }
  if (certificate !== undefined && !certificate.includes("-----BEGIN ")) {
    throw usageError("tls: failed to find any PEM data in certificate input");
  }
  if (key !== undefined && !key.includes("-----BEGIN ")) {
    throw usageError("tls: failed to find any PEM data in key input");
  }
  return { authority, certificate, key };
}

async function pemOf(source: PemSource | undefined): Promise<string | undefined> {
  if (!source) return undefined;
  if ("pem" in source) return source.pem;
  try {
    return await readFile(source.file, "utf8");
  } catch (error) {
    throw usageError(fileErrorText("open", source.file, error), { cause: error });
  }
}

function same(a: TlsMaterial, b: TlsMaterial): boolean {
  return a.authority === b.authority && a.certificate === b.certificate && a.key === b.key;
}
