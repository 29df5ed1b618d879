import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { platform } from "node:process";
import tls from "node:tls";

type Env = Readonly<Record<string, string | undefined>>;

// Go's list for Linux (crypto/x509/root_linux.go): the first that exists.
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The authorities that this machine trusts, as PEM: what kubectl goes by where a kubeconfig names none, and what an
 * administrator may have added a company's own to. `$SSL_CERT_FILE` and `$SSL_CERT_DIR` name others, as for Go;
 * `$NODE_EXTRA_CA_CERTS` adds some, as for every Node program. Undefined where the machine has none, or does not tell
 * them (before Node 22.15 on macOS and Windows): then Node's own list is left.
 */
export async function systemAuthorities(env: Env): Promise<string | undefined> {
  const found = platform === "linux" || env.SSL_CERT_FILE || env.SSL_CERT_DIR ? await fromFiles(env) : fromSystem();
  if (!found.includes("-----BEGIN CERTIFICATE-----")) return undefined;
  return [found, env.NODE_EXTRA_CA_CERTS ? await read(env.NODE_EXTRA_CA_CERTS) : ""].join("\n");
}

async function fromFiles({ SSL_CERT_FILE: file, SSL_CERT_DIR: folders }: Env): Promise<string> {
  const parts: string[] = [];
  for (const candidate of file ? [file] : bundles) {
    const text = await read(candidate);
    if (text !== "") parts.push(text);
    if (text !== "") break;
  }
  if (folders) for (const folder of folders.split(":")) parts.push(...(await fromFolder(folder)));
  return parts.join("\n");
}

async function fromFolder(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return await Promise.all(names.map((name) => read(join(folder, name))));
}

function fromSystem(): string {
  // Missing in Node 20.
  const { getCACertificates }: Partial<Pick<typeof tls, "getCACertificates">> = tls;
  return getCACertificates?.("system").join("\n") ?? "";
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}
