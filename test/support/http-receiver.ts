import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { Receipt, Receiver, Trouble } from "./sink-contract.ts";

/** A request as it came in; a packed body is unpacked. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface HttpReceiverOptions {
  /** What the request brings. Called for requests that are taken, and may throw for one that the vendor's document forbids. */
  receiptsOf(request: ReceivedRequest): readonly Receipt[];
  /** The sink's map in the config, secrets resolved, for a receiver at `url` (`http://127.0.0.1:PORT`). */
  options(url: string): Record<string, unknown>;
  /** Those of the options that must not be shown. */
  readonly secrets?: readonly string[];
  /** The vendor's answer when all is well. Default 200 without a body. */
  ok?(request: ReceivedRequest): Answer;
  /** How the vendor says that it took the first `taken` of a request's events, and not the rest. Default: 500. */
  half?(request: ReceivedRequest, taken: number): Answer;
}

export interface HttpReceiver extends Receiver {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
}

/** A vendor's server on loopback, which the contract can give troubles. */
export async function startHttpReceiver(options: HttpReceiverOptions): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  const receipts: Receipt[] = [];
  let trouble: { kind: Trouble; left: number } | undefined;
  let arrived = (): void => undefined;

  const take = (request: ReceivedRequest, most = Number.POSITIVE_INFINITY): Receipt[] => {
    const taken = options.receiptsOf(request).slice(0, most);
    receipts.push(...taken);
    return taken;
  };
  const ok = (request: ReceivedRequest): Answer => options.ok?.(request) ?? {};

  function answerOf(request: ReceivedRequest, response: ServerResponse): Answer | undefined {
    switch (trouble?.kind) {
      case "500":
        return { status: 500, body: "something broke" };
      case "429":
        return { status: 429, headers: { "Retry-After": "7" }, body: "slow down" };
      case "400":
        return { status: 400, body: "that is malformed" };
      case "401":
        return {
          status: 401,
          body: `not with ${JSON.stringify(request.headers)} ${(options.secrets ?? []).join(" ")}`,
        };
      case "garbage":
        take(request);
        return { status: 200, headers: { "Content-Type": "text/html" }, body: "<html>\u001b[31mwelcome</html>" };
      case "hang":
        return undefined;
      case "cut":
        take(request);
        response.writeHead(200, { "Content-Length": "1000" });
        response.write("{", () => response.destroy());
        return undefined;
      case "half": {
        if (trouble.left === 0) return { status: 500, body: "broke in the middle" };
        const count = options.receiptsOf(request).length;
        const taken = take(request, trouble.left).length;
        trouble.left -= taken;
        if (count === taken) return ok(request);
        return options.half?.(request, taken) ?? { status: 500, body: "broke in the middle" };
      }
      default:
        take(request);
        return ok(request);
    }
  }

  const server = createServer(async (incoming, response) => {
    const request = await read(incoming);
    requests.push(request);
    arrived();
    let answer: Answer | undefined;
    try {
      answer = answerOf(request, response);
    } catch (error) {
      answer = { status: 500, body: `the receiver of the test refuses: ${String(error)}` };
    }
    if (answer === undefined) return;
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    requests,
    options: options.options(url),
    secrets: options.secrets ?? [],
    received: async () => receipts,
    bytes: async () => requests.map(({ body }) => body),
    misbehave: (kind, half = 0) => {
      trouble = { kind, left: half };
    },
    behave: () => {
      trouble = undefined;
    },
    arrival: () =>
      new Promise((resolve) => {
        arrived = resolve;
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const packed = Buffer.concat(chunks);
  const body = (incoming.headers["content-encoding"] === "gzip" ? gunzipSync(packed) : packed).toString();
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return { method: incoming.method ?? "", url: incoming.url ?? "", headers, body };
}
