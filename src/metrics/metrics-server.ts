import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KevError } from "../util/errors.ts";
import { errorCode, errorMessage } from "../util/file-error.ts";
import { parseUrl } from "../util/parse-url.ts";
import type { Page } from "./monitoring-pages.ts";
import { type ListenAddress, listenText } from "./parse-listen.ts";

export interface MetricsServerOptions extends ListenAddress {
  /** The page of a path; undefined: 404. What it throws is answered by 500, without a word of it. */
  pages(path: string): Promise<Page | undefined>;
  onError?: ((error: unknown) => void) | undefined;
}

export interface MetricsServer {
  /** Where it listens; the port is a real one. */
  readonly address: ListenAddress;
  /** Takes no more connections; resolves when the last answer is sent, or after 5 s without it. */
  close(): Promise<void>;
}

/** Connections; a few Prometheus servers and a kubelet keep one each. */
const mostConnections = 64;
/** Milliseconds that closing may take. */
const longestEnd = 5_000;
/** Milliseconds for the head of a request, and for all of it. */
const [headTimeout, requestTimeout] = [5_000, 10_000];

/**
 * Plain HTTP for metrics and health, as Prometheus and a kubelet read them: GET and HEAD, and no body is looked at.
 *
 * @throws KevError (failed) when nothing can listen there, such as for a port that is taken
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => response.destroy(error as Error));
  });
  server.headersTimeout = headTimeout;
  server.requestTimeout = requestTimeout;
  server.maxConnections = mostConnections;
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: options.host, port },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const last = setTimeout(() => server.closeAllConnections(), longestEnd);
      await closed;
      clearTimeout(last);
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { pages, onError }: MetricsServerOptions,
): Promise<void> {
  request.resume();
  const { method = "", url = "/" } = request;
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD", "Content-Type": "text/plain" }).end("405 method not allowed\n");
    return;
  }
  // A path like `//` by itself would be read as a host.
  const path = parseUrl(`http://metrics${url}`)?.pathname;
  let page: Page | undefined;
  try {
    page = path === undefined ? undefined : await pages(path);
  } catch (error) {
    onError?.(error);
    page = { status: 500, contentType: "text/plain", text: "500 internal server error\n" };
  }
  const { status, contentType, text } = page ?? {
    status: 404,
    contentType: "text/plain",
    text: "404 page not found\n",
  };
  response.writeHead(status, { "Content-Type": contentType, "Content-Length": Buffer.byteLength(text) }).end(text);
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, host, () => resolve());
    });
  } catch (cause) {
    throw new KevError("failed", `cannot listen on ${listenText({ host, port })}: ${reasonOf(cause)}`, {
      cause,
      hint: "--listen takes another address, or none",
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is already in use",
  EADDRNOTAVAIL: "this machine does not have the address",
  EACCES: "permission denied",
  ENOTFOUND: "no such host",
};

function reasonOf(error: unknown): string {
  return reasons[errorCode(error)] ?? errorMessage(error);
}
