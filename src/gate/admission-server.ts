import { X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { parseGoDuration } from "../util/duration.ts";
import { KevError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import { parseUrl } from "../util/parse-url.ts";
import { readNamedFile } from "../util/read-named-file.ts";
import { answerReview, BadReviewError } from "./admission-review.ts";
import { type BodyReader, createBodyReader } from "./body-reader.ts";
import { checkPair } from "./check-pair.ts";
import type { Reviewer } from "./reviewer.ts";

export interface AdmissionServerOptions {
  review: Reviewer;
  /** 0: any that is free. */
  port: number;
  /** Default: all addresses. */
  host?: string | undefined;
  /** PEM. */
  certFile: string;
  keyFile: string;
  /** Answers GETs on other paths than `/`; undefined: 404. */
  pages: (path: string) => Promise<{ status: number; contentType: string; text: string } | undefined>;
  /** Milliseconds between looks at the certificate's files; default 10 000. */
  reloadEvery?: number | undefined;
  onReload?: ((error: unknown) => void) | undefined;
}

export interface AdmissionServer {
  readonly port: number;
  /** When the certificate that is served ends. */
  readonly expiresAt: Date;
  /** Lets connections go after their next answer. */
  drain(): void;
  /** Takes no more connections; resolves when the last answer is sent. */
  close(): Promise<void>;
}

/** Connections; an API server keeps a few. */
const mostConnections = 256;
/** Milliseconds that a webhook is given unless its caller says another time-out. */
const usualTimeout = 5_000;
/** Milliseconds that a webhook is given at most. */
const longestTimeout = 30_000;
/** Milliseconds that closing may take: less than a Pod is given to end. */
const longestEnd = 20_000;
/** Milliseconds kept back to write the answer. */
const reserve = 500;
/** Why what a review has begun and did not wait for is ended. */
const answered = new Error("the review has been answered");

/**
 * HTTPS for admission reviews, POSTed to `/`. Whatever comes there is answered by a review, with HTTP status 200: the API
 * server reads nothing else.
 *
 * @throws usage error for a certificate or key that cannot be used, and what listening throws
 */
export async function startAdmissionServer(options: AdmissionServerOptions): Promise<AdmissionServer> {
  let pair = await readPair(options);
  let isDraining = false;
  const read = createBodyReader();
  const server: Server = createServer(pair, (request, response) => {
    if (isDraining) response.setHeader("Connection", "close");
    answer(request, response, { ...options, read }).catch((error: unknown) => response.destroy(error as Error));
  });
  // Go's client keeps connections for 90 s; one that the server ends first is a failed call, and a denied release.
  server.keepAliveTimeout = 150_000;
  server.headersTimeout = 10_000;
  server.requestTimeout = longestTimeout;
  server.maxConnections = mostConnections;
  await listen(server, options);
  let lastProblem: string | undefined;
  const timer = setInterval(async () => {
    try {
      const now = await readPair(options);
      if (now.cert === pair.cert && now.key === pair.key) return;
      server.setSecureContext(now);
      pair = now;
      lastProblem = undefined;
      options.onReload?.(undefined);
    } catch (error) {
      // Perhaps half of it is written. Told once, not at each look.
      const problem = errorMessage(error);
      if (problem !== lastProblem) options.onReload?.(error);
      lastProblem = problem;
    }
  }, options.reloadEvery ?? 10_000);
  return {
    port: (server.address() as AddressInfo).port,
    get expiresAt() {
      return new Date(new X509Certificate(pair.cert).validTo);
    },
    drain: () => {
      isDraining = true;
      server.closeIdleConnections();
    },
    close: async () => {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // A client that holds on is let go when no answer can be under way any more.
      const last = setTimeout(() => server.closeAllConnections(), longestEnd);
      await closed;
      clearTimeout(last);
    },
  };
}

async function readPair({ certFile, keyFile }: AdmissionServerOptions): Promise<{ cert: string; key: string }> {
  const [cert, key] = await Promise.all([readNamedFile(certFile), readNamedFile(keyFile)]);
  checkPair({ cert, key }, `${certFile} and ${keyFile}`);
  return { cert, key };
}

async function listen(server: Server, { port, host }: AdmissionServerOptions): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, host, () => resolve());
    });
  } catch (cause) {
    throw new KevError("failed", `cannot listen: ${errorMessage(cause)}`, { cause });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { review, pages, read }: AdmissionServerOptions & { read: BodyReader },
): Promise<void> {
  // A path like `//` by itself would be read as a host.
  const url = parseUrl(`https://gate${request.url ?? "/"}`);
  if (!url) {
    response.writeHead(400, { Connection: "close" }).end();
    return;
  }
  if (url.pathname !== "/") {
    request.resume();
    const page = request.method === "GET" || request.method === "HEAD" ? await pages(url.pathname) : undefined;
    const { status, contentType, text } = page ?? {
      status: 404,
      contentType: "text/plain",
      text: "404 page not found\n",
    };
    response.writeHead(status, { "Content-Type": contentType }).end(text);
    return;
  }
  const asked = parseGoDuration(url.searchParams.get("timeout") ?? "") ?? usualTimeout;
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new Error("the time for an answer is over")),
    Math.max(Math.min(asked, longestTimeout) - reserve, 100),
  );
  try {
    await answerBy(deadline.signal, request, response, { review, read });
  } finally {
    // An AbortSignal.timeout would keep each review in memory for seconds after its answer.
    clearTimeout(timer);
    deadline.abort(answered);
  }
}

async function answerBy(
  deadline: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
  { review, read }: { review: Reviewer; read: BodyReader },
): Promise<void> {
  let text: string;
  try {
    text = await read(request, deadline);
  } catch (error) {
    if (!(error instanceof BadReviewError)) throw error;
    // What is still to come is not read.
    response.setHeader("Connection", "close");
    const { code, message } = error;
    const status = { code, reason: "BadRequest", message };
    send(response, answerReview(error, { allowed: false, status }));
    response.once("finish", () => request.destroy());
    return;
  }
  send(response, await review(text, deadline));
}

function send(response: ServerResponse, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }).end(text);
}
