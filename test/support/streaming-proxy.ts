import { readFile } from "node:fs/promises";
import { Agent, createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { readAuthority } from "../control-plane/cluster-access.ts";
import { issueServerCertificate } from "./certificates.ts";
import type { ClusterAccess } from "./control-plane.ts";

/** A TLS proxy in front of the test API server that passes answers on as they come, watches too. */
export interface StreamingProxy {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** Cuts every connection, without a word. */
  cutAll(): void;
  close(): Promise<void>;
}

/** @param refuse the status that a request is answered with in the server's place; undefined: it passes */
export async function startStreamingProxy(
  cluster: ClusterAccess,
  token: string,
  refuse: (url: URL) => number | undefined,
): Promise<StreamingProxy> {
  const authority = await readAuthority(cluster.dir);
  const { certificate, key } = await issueServerCertificate(authority, ["127.0.0.1"]);
  const agent = new Agent({ keepAlive: true, ca: await readFile(cluster.caFile) });
  const server = createServer({ cert: certificate, key }, (incoming, response) => {
    const url = new URL(incoming.url ?? "/", cluster.server);
    const status = refuse(url);
    if (status !== undefined) {
      response.writeHead(status, { "content-type": "text/plain" }).end("not now");
      return;
    }
    const headers = { ...incoming.headers, host: url.host, authorization: `Bearer ${token}` };
    const call = request(url, { agent, method: incoming.method ?? "GET", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      answer.on("error", () => response.destroy()).pipe(response);
      response.on("close", () => answer.destroy());
    });
    call.on("error", () => response.destroy());
    incoming.pipe(call);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    cutAll: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
