import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { errorMessage } from "../util/file-error.ts";
import { orAborted } from "../util/or-aborted.ts";
import { createAgent, retireAgent } from "./agent.ts";
import { answerError, parseAnswer } from "./answer-error.ts";
import { BadAnswerError } from "./bad-answer-error.ts";
import type { ClientConfig } from "./client-config.ts";
import type { RequestReport } from "./connect-options.ts";
import type { ApiRequest } from "./connection.ts";
import { bodyFailure } from "./connection-failure.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { addressOf, exchange } from "./exchange.ts";
import { headerValues } from "./header-values.ts";
import { impersonationHeaders } from "./impersonation-headers.ts";
import { rawHeaders } from "./raw-headers.ts";
import type { TlsMaterial } from "./tls-material.ts";
import { parseWarningHeaders } from "./warning-headers.ts";

/** A request below JSON. */
export interface TransportRequest {
  method: string;
  /** Path and query on the server. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds until the answer must be whole; 0 is no limit. Default: `--request-timeout`. */
  timeout?: number | undefined;
  /** Whether the answer will be read with pauses: only what a socket takes at once is read ahead then. Default false. */
  pausable?: boolean | undefined;
}

export interface TransportResponse {
  /** Any HTTP status. */
  status: number;
  headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed. What it throws is raw: see `bodyFailure`. */
  body: Readable;
}

export interface Transport {
  /** Resolves when the answer's head is there. @throws UnreachableError, KevError (refused), or the signal's reason */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** The whole body as text. @throws ApiError outside 2xx, and what `send` throws */
  read(request: TransportRequest): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>;
  request<T>(request: ApiRequest): Promise<T>;
  close(): void;
}

export interface TransportParts {
  config: ClientConfig;
  credentials: Credentials;
  material: () => Promise<TlsMaterial>;
  proxy: URL | undefined;
  userAgent: string;
  signal?: AbortSignal | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
  onWarning?: ((text: string) => void) | undefined;
  onRequest?: ((report: RequestReport) => void) | undefined;
}

/** Kept connections, and what they were made with. */
interface Pool {
  readonly material: TlsMaterial;
  readonly certificate: Credential["certificate"];
  readonly agent: Promise<Agent>;
}

/** HTTP to one API server: authentication, TLS, proxy, time-out, kubectl's errors. Retries are for the caller. */
export function createTransport(parts: TransportParts): Transport {
  const { config, credentials, now } = parts;
  const server = new URL(config.server);
  const pathPrefix = server.pathname.replace(/\/$/, "");
  const target = { server, proxy: parts.proxy, hint: config.unreachableHint };
  const address = addressOf(server);
  const pools: Record<"plain" | "pausable", Pool | undefined> = {
    plain: undefined,
    pausable: undefined,
  };

  async function agentFor({ certificate }: Credential, kind: keyof typeof pools): Promise<Agent> {
    const material = await parts.material();
    const pool = pools[kind];
    const isSame =
      pool?.certificate?.certificate === certificate?.certificate && pool?.certificate?.key === certificate?.key;
    if (pool && pool.material === material && isSame) return pool.agent;
    // Requests under way keep the certificate that they began with.
    pool?.agent.then(retireAgent, () => undefined);
    const socket = kind === "pausable" ? { highWaterMark: pausableBuffer } : {};
    const agent = createAgent(server, parts.proxy, config.tls, { ...material, ...certificate }, socket);
    pools[kind] = { material, certificate, agent };
    agent.catch(() => {
      // What is wrong with it may be mended by the next request.
      if (pools[kind]?.agent === agent) pools[kind] = undefined;
    });
    return agent;
  }

  async function sendAs(credential: Credential, request: TransportRequest): Promise<IncomingMessage> {
    const { method, body } = request;
    const headers = headerValues({
      "User-Agent": parts.userAgent,
      // Unpacking comes in steps of its own, however much has come.
      ...(config.disableCompression || request.pausable ? {} : { "Accept-Encoding": "gzip" }),
      ...request.headers,
      ...(body === undefined && mayHaveNoBody.has(method)
        ? {}
        : { "Content-Length": String(Buffer.byteLength(body ?? "")) }),
      ...impersonationHeaders(config.impersonate),
      ...credential.headers,
    });
    // Often one and the same: its listeners are counted, and Node warns when they are many.
    const signals = [...new Set([request.signal, parts.signal])].filter((signal) => signal !== undefined);
    const timeout = request.timeout ?? config.timeout;
    const agent = await agentFor(credential, request.pausable ? "pausable" : "plain");
    const path = pathPrefix + request.path;
    const sent = address.isSecure ? rawHeaders(address.hostHeader, headers) : headers;
    return exchange({ target, address, agent, method, path, headers: sent, body, timeout, signals });
  }

  async function send(request: TransportRequest): Promise<TransportResponse> {
    const { signal } = request;
    for (const ending of [signal, parts.signal]) ending?.throwIfAborted();
    // Of many requests, which do not end what gets the credentials for all.
    const unlessAborted = <T>(got: T | Promise<T>): T | Promise<T> =>
      signal && got instanceof Promise ? orAborted(got, signal) : got;
    const credential = await unlessAborted(credentials.current());
    let answer = await reported(credential, request);
    let body: Readable = answer;
    if (answer.statusCode === 401) {
      // At once, so that its connection is kept, and ends in time: a plug-in may ask a person for what is renewed.
      const { chunks } = await readUpTo(longestFailure, answer, [signal, parts.signal]);
      body = Readable.from(chunks);
      if (await unlessAborted(credentials.renew(credential))) {
        const renewed = await unlessAborted(credentials.current());
        answer = await reported(renewed, request);
        body = answer;
      }
    }
    // Making all the headers distinct takes time, and few answers warn.
    const warnings = answer.headers.warning === undefined ? [] : (answer.headersDistinct.warning ?? []);
    for (const text of parseWarningHeaders(warnings)) parts.onWarning?.(text);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await decoded(answer.headers, body) };
  }

  async function reported(credential: Credential, request: TransportRequest): Promise<IncomingMessage> {
    const { method, path } = request;
    const start = now();
    try {
      const answer = await sendAs(credential, request);
      parts.onRequest?.({ method, path, status: answer.statusCode ?? 0, milliseconds: now() - start });
      return answer;
    } catch (error) {
      parts.onRequest?.({ method, path, error: errorMessage(error), milliseconds: now() - start });
      throw error;
    }
  }

  async function read(request: TransportRequest) {
    const { status, headers, body } = await send(request);
    const isSuccess = status >= 200 && status <= 299;
    const limit = isSuccess ? longestAnswer : longestFailure;
    const { chunks, isCut } = await readUpTo(limit, body, [request.signal, parts.signal]);
    if (isSuccess && isCut) {
      const problem = `with more than ${limit >> 20} MiB`;
      throw new BadAnswerError({ request: label(request), httpStatus: status, problem });
    }
    const [only] = chunks;
    const text = (only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)).toString();
    if (isSuccess) return { status, headers, text };
    const error = answerError(
      { status, retryAfter: headers["retry-after"], body: text },
      label(request),
      server,
      now(),
    );
    // Rights for nobody in particular would be the wrong remedy.
    if (status === 401 || error.message.includes("system:anonymous")) error.hint = config.anonymousHint ?? error.hint;
    throw error;
  }

  async function request<T>({ method = "GET", path, query = {}, body, contentType, accept, signal }: ApiRequest) {
    const given = Object.entries(query).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as [string, string]],
    );
    const raw: TransportRequest = {
      method,
      path: given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path,
      headers: {
        Accept: accept ?? "application/json",
        ...(body === undefined ? {} : { "Content-Type": contentType ?? "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    };
    const { status, text } = await read(raw);
    return parseAnswer(text, status, label(raw)) as T;
  }

  function closePool(kind: keyof typeof pools): void {
    // A pool that could not be made has nothing to close.
    pools[kind]?.agent.then(
      (agent) => agent.destroy(),
      () => undefined,
    );
    pools[kind] = undefined;
  }

  function close(): void {
    closePool("plain");
    closePool("pausable");
  }

  return { send, read, request, close };
}

/** Of others a length of 0 says that there is none. */
const mayHaveNoBody: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);
/** Bytes. No page of any list comes near it, and Node's longest string is 512 MiB. */
const longestAnswer = 256 * 2 ** 20;
/**
 * Bytes that a socket holds before it stops reading: in a pause everything else stays with the kernel, which is read at once
 * later. Reading each of 10,000 small records as it comes takes as long as all that is done with them.
 */
const pausableBuffer = 1_024;
/** Bytes. A Status is short, and of anything else only the beginning is shown. */
const longestFailure = 4 * 2 ** 20;

function label({ method, path }: TransportRequest): string {
  return `${method} ${path.split("?")[0]}`;
}

async function readUpTo(limit: number, body: Readable, signals: readonly (AbortSignal | undefined)[]) {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // An iteration would take as long as all the rest of a short answer.
    await new Promise<void>((resolve, reject) => {
      body.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= limit) return;
        // The connection ends with it.
        body.destroy();
        resolve();
      });
      body.once("end", resolve).once("error", reject);
      // Without an end before it; or before anybody listened. An error of every answer would be as dear as reading it.
      body.once("close", () => body.readableEnded || reject(new Error("aborted")));
      if (body.destroyed) reject(body.errored ?? new Error("aborted"));
    });
    return { chunks, isCut: length > limit };
  } catch (error) {
    for (const signal of signals) signal?.throwIfAborted();
    throw bodyFailure(error);
  }
}

async function decoded(headers: IncomingHttpHeaders, body: Readable): Promise<Readable> {
  if (headers["content-encoding"] !== "gzip") return body;
  const [{ createGunzip }, { pipeline }] = await Promise.all([import("node:zlib"), import("node:stream")]);
  // The error reaches whoever reads the unpacked stream.
  return pipeline(body, createGunzip(), () => undefined);
}
