import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Agent, createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { readAuthority } from "../control-plane/cluster-access.ts";
import { issueServerCertificate } from "./certificates.ts";
import type { ClusterAccess } from "./control-plane.ts";

/** What a proxy does with one request. */
export type Fate =
  | "pass"
  /** 429 with a Status and no Retry-After, as the EventRateLimit plug-in answers. */
  | "too-many"
  /** 429 with `Retry-After: 1`, as the API server answers under load. */
  | "too-many-later"
  /** 503 with a text that is no Status, as a load balancer answers. */
  | "unavailable"
  /** The connection ends before the server sees the request. */
  | "cut-before"
  /** The server has acted; its answer never arrives. */
  | "cut-after"
  /** The server has acted; half of its answer arrives. */
  | "cut-within"
  /** The server has acted; a load balancer answers 503 in its place. */
  | "unavailable-after";

/** A TLS proxy in front of the test API server; its certificate is of the same authority. */
export interface FlakyProxy {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** How many requests met each fate. */
  readonly fates: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface FlakyProxyOptions {
  /** Asked for each request, in the order of their arrival. */
  fate: () => Fate;
  /** Added to every answer that passes. */
  headers?: OutgoingHttpHeaders;
}

/** Starts a proxy in this process on a free port. */
export async function startFlakyProxy(
  cluster: ClusterAccess,
  { fate, headers = {} }: FlakyProxyOptions,
): Promise<FlakyProxy> {
  const authority = await readAuthority(cluster.dir);
  const { certificate, key } = await issueServerCertificate(authority, ["127.0.0.1"]);
  const agent = new Agent({ keepAlive: true, ca: await readFile(cluster.caFile) });
  const fates: Record<string, number> = {};
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const met = fate();
    fates[met] = (fates[met] ?? 0) + 1;
    const body = await buffer(incoming);
    if (met === "cut-before") return void incoming.socket.destroy();
    if (met === "unavailable") return unavailable(response);
    if (met === "too-many" || met === "too-many-later") return tooMany(response, met === "too-many-later");
    const answer = await forward(cluster.server, agent, incoming, body);
    if (met === "cut-after") return void incoming.socket.destroy();
    if (met === "unavailable-after") return unavailable(response);
    response.writeHead(answer.status, { ...answer.headers, ...headers });
    if (met !== "cut-within") return void response.end(answer.body);
    response.write(answer.body.subarray(0, answer.body.length / 2), () => incoming.socket.destroy());
  };
  const server = createServer({ cert: certificate, key }, (incoming, response) => {
    // A caller that went away, or a server that did: for the caller both are a cut connection.
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    fates,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Fates in the given shares (of 1; the rest passes), drawn by a seed: the same seed, the same sequence. */
export function fatesBySeed(seed: number, shares: Partial<Record<Fate, number>>): () => Fate {
  let drawn = 0;
  return () => {
    const digest = createHash("sha256").update(`${seed}/${drawn++}`).digest();
    let left = digest.readUInt32BE() / 2 ** 32;
    for (const [fate, share] of Object.entries(shares)) {
      left -= share;
      if (left < 0) return fate as Fate;
    }
    return "pass";
  };
}

interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

function forward(server: string, agent: Agent, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method, url, headers } = incoming;
  return new Promise((resolve, reject) => {
    const call = request(new URL(url ?? "/", server), { agent, method, headers }, async (answer) => {
      // Whole at once, so its length is known again.
      const { "transfer-encoding": _, ...rest } = answer.headers;
      buffer(answer).then((whole) => resolve({ status: answer.statusCode ?? 500, headers: rest, body: whole }), reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}

function unavailable(response: ServerResponse): void {
  response.writeHead(503, { "content-type": "text/plain" }).end("no healthy upstream");
}

function tooMany(response: ServerResponse, later: boolean): void {
  const message = "too many requests, please try again later";
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", message, reason: "TooManyRequests", code: 429 };
  response.writeHead(429, { "content-type": "application/json", ...(later ? { "retry-after": "1" } : {}) });
  response.end(JSON.stringify(status));
}
