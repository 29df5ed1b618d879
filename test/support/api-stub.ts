import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface StubRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headersDistinct"];
  body: string;
  /** Same for requests over the same connection. */
  port: number | undefined;
}

/** A server on loopback in place of an API server. */
export interface ApiStub {
  readonly url: string;
  readonly port: number;
  readonly requests: StubRequest[];
  /** Answers the next request; a request without a prepared answer gets 500. */
  next(answer: (response: ServerResponse, request: StubRequest) => void): void;
  close(): Promise<void>;
}

/** Answers with JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string | string[]> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Starts a stub: https when `tls` is given. */
export async function startApiStub(tls?: ServerOptions): Promise<ApiStub> {
  const requests: StubRequest[] = [];
  const answers: ((response: ServerResponse, request: StubRequest) => void)[] = [];
  const listener: RequestListener = async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const { method = "", url = "", headersDistinct: headers } = incoming;
    const request = { method, url, headers, body, port: incoming.socket.remotePort };
    requests.push(request);
    const answer = answers.shift() ?? json({ error: `unexpected ${method} ${url}` }, 500);
    answer(response, request);
  };
  const server: Server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    requests,
    next: (answer) => answers.push(answer),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
