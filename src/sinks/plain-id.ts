import { createHash } from "node:crypto";

/** What Kubernetes makes of uids and resourceVersions. */
const usual = /^([A-Za-z0-9-]{1,128})\/([A-Za-z0-9]{1,128})$/;

/**
 * The id of a delivery for receivers that put ids into URLs or allow few characters: `<uid>.<resourceVersion>`. Whatever
 * else a server may have made of the two is hashed. Letters, digits, `-` and `.`, at most 257 of them.
 */
export function plainId(id: string): string {
  const [, uid, version] = usual.exec(id) ?? [];
  return uid === undefined ? createHash("sha256").update(id).digest("hex") : `${uid}.${version}`;
}
