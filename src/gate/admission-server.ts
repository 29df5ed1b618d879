import { X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { parseGoDuration } from "../util/duration.ts";
import { errorMessage } from "../util/file-error.ts";
import { readNamedFile } from "../util/read-named-file.ts";
import { answerReview, BadReviewError } from "./admission-review.ts";
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

/** Bytes. A request to the API server has at most 3 MiB, a review holds two objects, and something around them. */
const longestReview = 7 * 2 ** 20;
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
  const server: Server = createServer(pair, (request, response) => {
    if (isDraining) response.setHeader("Connection", "close");
    answer(request, response, options).catch((error: unknown) => response.destroy(error as Error));
  });
  // Go's client keeps connections for 90 s; one that the server ends first is a failed call, and a denied release.
  server.keepAliveTimeout = 150_000;
  server.headersTimeout = 10_000;
  server.requestTimeout = longestTimeout;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, () => resolve());
  });
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { review, pages }: AdmissionServerOptions,
): Promise<void> {
  const url = new URL(request.url ?? "/", "https://gate");
  if (url.pathname !== "/") {
    request.resume();
    const page = request.method === "GET" ? await pages(url.pathname) : undefined;
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
    await answerBy(deadline.signal, request, response, review);
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
  review: Reviewer,
): Promise<void> {
  let text: string;
  try {
    text = await bodyOf(request, deadline);
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

async function bodyOf(request: IncomingMessage, deadline: AbortSignal): Promise<string> {
  if (request.method !== "POST") throw new BadReviewError("reviews are POSTed", { code: 405 });
  const contentType = request.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(contentType)) {
    throw new BadReviewError("the content type is not application/json", { code: 415 });
  }
  const tooLarge = () => new BadReviewError(`the body is larger than ${longestReview >> 20} MiB`, { code: 413 });
  if (Number(request.headers["content-length"] ?? 0) > longestReview) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  return await new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      request.pause();
      reject(error);
    };
    const late = (): void => fail(new BadReviewError("the body did not come in time", { code: 408 }));
    deadline.addEventListener("abort", late, { once: true });
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestReview) fail(tooLarge());
      else chunks.push(chunk);
    });
    request.on("error", reject);
    request.on("end", () => {
      deadline.removeEventListener("abort", late);
      resolve(Buffer.concat(chunks).toString());
    });
  });
}
