const json = { "content-type": "application/json" };

/** etcd's JSON gateway: `POST /v3/…`. */
async function post(port: number, path: string, body: unknown): Promise<unknown> {
  const url = `http://127.0.0.1:${port}/v3/${path}`;
  const response = await fetch(url, { method: "POST", headers: json, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`etcd answered ${path} with HTTP ${response.status}: ${text}`);
  return JSON.parse(text);
}

export async function isEtcdHealthy(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  const { health } = (await response.json()) as { health?: string };
  return health === "true";
}

/**
 * Forgets all history, so that a watch from any resourceVersion known before is refused; returns the revision that is
 * kept. 64-bit numbers are strings in the gateway's JSON.
 */
export async function compact(port: number): Promise<string> {
  // A watch from the revision before the kept one has missed nothing and is not refused, hence two more revisions,
  // of a key that is none of the API server's.
  const put = { key: Buffer.from("kev-test/compaction").toString("base64") };
  await post(port, "kv/put", put);
  const { header } = (await post(port, "kv/put", put)) as { header: { revision: string } };
  await post(port, "kv/compaction", { revision: header.revision, physical: true });
  return header.revision;
}
