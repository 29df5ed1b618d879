import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { usageError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";

/** Throws a usage error unless `cert` and `key`, both PEM, are a certificate and its key; `files` says where they are from. */
export function checkPair({ cert, key }: { cert: string; key: string }, files: string): void {
  try {
    createSecureContext({ cert, key });
    // A key of another certificate is dropped without a word, and then every handshake fails.
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) throw new Error("the key is another one's");
  } catch (cause) {
    throw usageError(`${files} are no certificate and its key: ${errorMessage(cause)}`, { cause });
  }
}
