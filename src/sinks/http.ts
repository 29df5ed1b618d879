import type { Agent, IncomingMessage } from "node:http";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { createAgent } from "../kube/agent.ts";
import { plainTls, type TlsConfig } from "../kube/client-config.ts";
import { bodyFailure } from "../kube/connection-failure.ts";
import { addressOf, exchange } from "../kube/exchange.ts";
import { headerValues } from "../kube/header-values.ts";
import { proxyFor } from "../kube/proxy.ts";
import { type TlsMaterial, tlsMaterialReader } from "../kube/tls-material.ts";
import { UnreachableError } from "../kube/unreachable-error.ts";
import { basicCredentials } from "../util/basic-login.ts";
import { KevError } from "../util/errors.ts";
import { errorCode, errorMessage } from "../util/file-error.ts";
import { version } from "../version.ts";
import type { BasicAuthFields, TlsFields } from "./fields.ts";
import { errorOfAnswer, type HttpResponse } from "./http-answer.ts";
import { maskSecrets, previewRequest } from "./preview-request.ts";
import { SendError } from "./send-error.ts";
import type { SinkServices } from "./sink.ts";

export interface HttpRequest {
  readonly method: string;
  /** At the origin of the client's `url`. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** The only way by which sinks speak HTTP: to one receiver, over kept connections. */
export interface HttpClient {
  /**
   * Sends one request, once, and resolves with an answer in 2xx.
   *
   * @throws SendError, which for an answer outside 2xx is {@link errorOfAnswer}'s, and retriable where there was no whole
   * answer; the signal's reason when it aborts
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** Any whole answer, whatever its status, for receivers that mean something else by one. @throws as `send` */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** The error of an answer that `exchange` gave. */
  errorOf(answer: HttpResponse, request: HttpRequest): SendError;
  /** What `send` would send, with its standing headers; secrets are masked. */
  preview(request: HttpRequest): string;
  close(): void;
}

export interface HttpClientOptions {
  /** Where the receiver is; requests may have other paths. */
  readonly url: URL;
  /** Whether path and query of `url` hold a token: they are masked then. Default false. */
  readonly secretUrl?: boolean | undefined;
  /** On every request; their values are not shown. A request's own headers win. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly basicAuth?: BasicAuthFields | undefined;
  readonly bearerToken?: string | undefined;
  readonly tls?: TlsFields | undefined;
  /** Packs bodies with gzip. Default false. */
  readonly gzip?: boolean | undefined;
  /** More that must not be shown. */
  readonly secrets?: readonly string[] | undefined;
  /** Bytes that are read of an answer. Default 1 MiB. */
  readonly longestAnswer?: number | undefined;
}

type Services = Pick<SinkServices, "env" | "clock" | "cwd">;

const pack = promisify(gzip);

/**
 * A client for one receiver. Proxies come from the environment; redirects are not followed; answers are read up to a bound.
 * Connects to nothing yet.
 *
 * @throws KevError (usage) for certificates that cannot be read or used, and for headers that cannot be sent
 */
export async function createHttpClient(options: HttpClientOptions, services: Services): Promise<HttpClient> {
  const { url: server, longestAnswer = 2 ** 20 } = options;
  const address = addressOf(server);
  const now = (): number => services.clock.now().getTime();
  const secrets = secretsOf(options, shortestToken);
  // Errors have no events in them that could be disfigured.
  const unspoken = secretsOf(options, shortestInError);
  const standing = standingHeaders(options);
  const shown = merged(standing, Object.fromEntries(Object.keys(options.headers ?? {}).map((name) => [name, "***"])));
  headerValues(standing);
  const pool = createPool(options, services, now);
  // Broken certificates are said before anything is sent.
  await pool.agent();

  const whole = (request: HttpRequest): HttpRequest => ({ ...request, headers: merged(standing, request.headers) });
  const failure = (error: SendError): SendError => {
    const { retriable, retryAfter, cause } = error;
    return new SendError(maskSecrets(error.message, unspoken), { retriable, retryAfter, cause });
  };

  async function exchangeOnce(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    if (request.url.origin !== server.origin) throw new Error(`the client of ${server.origin} is asked for another`);
    const body = options.gzip ? await pack(request.body) : request.body;
    const headers = headerValues({
      ...whole(request).headers,
      ...(options.gzip ? { "Content-Encoding": "gzip" } : {}),
      "Content-Length": String(Buffer.byteLength(body)),
    });
    const answer = await exchange({
      target: { server, proxy: pool.proxy },
      address,
      agent: await pool.agent(),
      method: request.method,
      path: request.url.pathname + request.url.search,
      headers,
      body,
      timeout: 0,
      signals: [signal],
    });
    return {
      status: answer.statusCode ?? 0,
      headers: flat(answer),
      ...(await readBody(answer, longestAnswer, signal)),
    };
  }

  const client: HttpClient = {
    async exchange(request, signal) {
      try {
        return await exchangeOnce(request, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw failure(sendError(error, server));
      }
    },
    async send(request, signal) {
      const answer = await client.exchange(request, signal);
      if (answer.status >= 200 && answer.status <= 299) return answer;
      throw client.errorOf(answer, request);
    },
    errorOf: (answer, { url }) => failure(errorOfAnswer(answer, url, now())),
    preview: (request) => {
      const isBare = request.url.pathname + request.url.search === "/";
      // Whole, however short it is.
      const url = options.secretUrl && !isBare ? new URL("/***", server) : request.url;
      return previewRequest({ ...request, url, headers: merged(shown, request.headers) }, secrets);
    },
    close: pool.close,
  };
  return client;
}

function standingHeaders({ headers, basicAuth, bearerToken }: HttpClientOptions): Record<string, string> {
  return merged(
    {
      "User-Agent": `kev/${version}`,
      ...(basicAuth === undefined
        ? {}
        : { Authorization: `Basic ${basicCredentials(basicAuth.username, basicAuth.password)}` }),
      ...(bearerToken === undefined ? {} : { Authorization: `Bearer ${bearerToken}` }),
    },
    headers ?? {},
  );
}

/** Later headers replace earlier ones, whatever their case. */
function merged(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const found = new Map<string, [string, string]>();
  for (const [name, value] of all.flatMap((headers) => Object.entries(headers))) {
    found.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(found.values());
}

/** Characters. Shorter values of headers, and parts of a path, may be anything: masking them would hide what is no secret. */
const shortestToken = 12;
const shortestInError = 6;

function secretsOf(options: HttpClientOptions, shortest: number): string[] {
  const { url, secretUrl, headers, basicAuth, bearerToken, secrets = [] } = options;
  const ofUrl = [url.pathname + url.search, url.pathname, url.search.slice(1)];
  const tokens = [...url.pathname.split("/"), ...url.searchParams.values()];
  const perhaps = [...(secretUrl ? tokens : []), ...Object.values(headers ?? {})];
  return [
    ...(secretUrl ? ofUrl : []),
    ...perhaps.filter(({ length }) => length >= shortest),
    // A receiver that quotes the header says the password, too.
    ...(basicAuth ? [basicAuth.password, basicCredentials(basicAuth.username, basicAuth.password)] : []),
    ...(bearerToken === undefined ? [] : [bearerToken]),
    ...secrets,
  ].filter((value) => value !== "");
}

/** Kept connections, made anew when the certificates have changed. */
function createPool(options: HttpClientOptions, { env, cwd }: Services, now: () => number) {
  const proxy = proxyFor(options.url, "", env);
  const tls = tlsConfig(options.tls, cwd);
  const material = tlsMaterialReader(tls, now, options.url.protocol === "https:" ? env : undefined);
  let current: { material: TlsMaterial; agent: Agent } | undefined;
  return {
    proxy,
    async agent(): Promise<Agent> {
      const next = await material();
      if (current?.material === next) return current.agent;
      const agent = await createAgent(options.url, proxy, tls, next);
      current?.agent.destroy();
      current = { material: next, agent };
      return agent;
    },
    close: () => current?.agent.destroy(),
  };
}

/** The TLS fields as src/kube has them; relative file names are relative to `cwd`. */
export function tlsConfig(fields: TlsFields | undefined, cwd: string): TlsConfig {
  if (fields === undefined) return plainTls;
  const { caFile, certFile, keyFile, insecureSkipVerify } = fields;
  const file = (name: string) => ({ file: resolve(cwd, name) });
  return {
    insecure: insecureSkipVerify,
    serverName: "",
    authority: caFile === undefined ? undefined : file(caFile),
    certificate:
      certFile === undefined || keyFile === undefined ? undefined : { certificate: file(certFile), key: file(keyFile) },
  };
}

function flat({ headersDistinct }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]));
}

async function readBody(answer: IncomingMessage, limit: number, signal: AbortSignal) {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer) {
      chunks.push(chunk);
      length += chunk.length;
      // Leaving the loop destroys the answer, and with it the connection.
      if (length > limit) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw bodyFailure(error);
  }
  return { body: Buffer.concat(chunks).subarray(0, limit).toString(), isCut: length > limit };
}

/** Whatever went wrong before there was a whole answer may pass, a wrong name or certificate too: somebody mends it. */
function sendError(error: unknown, { origin }: URL): SendError {
  if (error instanceof SendError) return error;
  if (error instanceof UnreachableError) {
    const refused = errorCode(error.cause) === "ECONNREFUSED" ? "connection refused" : undefined;
    const text = refused ?? error.message.replace("Unable to connect to the server: ", "");
    return new SendError(`${origin}: ${text}`, { retriable: true, cause: error });
  }
  // A header of this request that cannot be sent.
  const retriable = !(error instanceof KevError && error.message.startsWith("net/http: invalid header"));
  return new SendError(`${origin}: ${errorMessage(error)}`, { retriable, cause: error });
}
