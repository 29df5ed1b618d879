import http, { type Agent, type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { errorCode } from "../util/file-error.ts";
import { connectionFailure, type FailedTarget, proxyRefusal, unreachable } from "./connection-failure.ts";
import { giveUp } from "./give-up.ts";
import { hostOf } from "./proxy.ts";

export interface Exchange {
  readonly target: FailedTarget;
  /** Of the target's server, which it is made of once: taking a URL apart takes a fiftieth of a request. */
  readonly address: ServerAddress;
  readonly agent: Agent;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** By names, or names and values in turn, with `Host` among them, which are sent as they are. */
  readonly headers: Record<string, string | string[]> | string[];
  readonly body: string | Buffer | undefined;
  /** Milliseconds until the answer must be whole; 0 is no limit. */
  readonly timeout: number;
  readonly signals: readonly AbortSignal[];
}

/** Where a server is, as Node's request takes it. */
export interface ServerAddress {
  readonly isSecure: boolean;
  /** Without the brackets of IPv6. */
  readonly host: string;
  readonly port: string | number;
  /** The header `Host`. */
  readonly hostHeader: string;
}

/** Where `server`, an http or https URL, is. */
export function addressOf(server: URL): ServerAddress {
  const isSecure = server.protocol === "https:";
  return { isSecure, host: hostOf(server), port: server.port || (isSecure ? 443 : 80), hostHeader: server.host };
}

// Go's net.Dialer and http.Transport as client-go sets them up.
const dialTimeout = 30_000;
const handshakeTimeout = 10_000;
/** Node fires a timer beyond it at once: 24.8 days. */
const longestTimer = 2 ** 31 - 1;

/**
 * Sends one HTTP request and resolves with the answer's head. A kept connection that the server had closed meanwhile is
 * replaced by a new one, once, where repeating is harmless; nothing else is tried again here.
 *
 * @throws UnreachableError, or the reason of the signal that aborted
 */
export async function exchange(options: Exchange): Promise<IncomingMessage> {
  const request = options.address.isSecure ? https.request : http.request;
  try {
    return await attempt(request, options);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    for (const sockets of Object.values(options.agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
    return await attempt(request, options, true);
  }
}

/** The server had closed the kept connection before it saw the request. */
class StaleConnection extends Error {}

function attempt(
  request: (options: RequestOptions) => ClientRequest,
  { target, address, agent, method, path, headers, body, timeout, signals }: Exchange,
  lastTry = false,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    for (const signal of signals) signal.throwIfAborted();
    const { host, port } = address;
    const call = request({ agent, host, port, method, path, headers });
    let answer: IncomingMessage | undefined;
    let hasTunnel = false;
    let failure: { reason: unknown } | undefined;
    const end = (reason: unknown): void => {
      failure ??= { reason };
      if (answer) answer.destroy(reason instanceof Error ? reason : new Error(String(reason)));
      else if (!giveUp(call, reason)) {
        settle();
        reject(failure.reason);
      }
    };
    const timer =
      timeout > 0 ? setTimeout(() => end(timedOut(call, answer)), Math.min(timeout, longestTimer)) : undefined;
    const listeners = signals.map((signal) => ({ signal, onAbort: () => end(signal.reason) }));
    for (const { signal, onAbort } of listeners) signal.addEventListener("abort", onAbort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      stopLimits();
      for (const { signal, onAbort } of listeners) signal.removeEventListener("abort", onAbort);
    };
    const stopLimits = limitConnecting(call, target, end);
    // Of https-proxy-agent, which takes what a proxy refuses with for the server's answer.
    call.on("proxyConnect", ({ statusCode, statusText }: { statusCode: number; statusText: string }) => {
      hasTunnel = true;
      if (statusCode !== 200) end(proxyRefusal(statusCode, statusText, target));
    });
    call.on("response", (response) => {
      answer = response;
      response.once("close", settle);
      resolve(response);
    });
    call.on("error", (error) => {
      if (answer) return;
      settle();
      const stale = call.reusedSocket && ["ECONNRESET", "EPIPE"].includes(errorCode(error));
      if (failure) reject(failure.reason);
      else if (stale && !lastTry && method === "GET") reject(new StaleConnection());
      else reject(connectionFailure(error, { ...target, hasTunnel }));
    });
    call.end(typeof body === "string" && hasBytes(headers) ? Buffer.from(body) : body);
  });
}

/** True for headers that are not all ASCII: Node would encode them once more with a body that is text. */
function hasBytes(headers: Exchange["headers"]): boolean {
  return Object.values(headers)
    .flat()
    .some((value) => /[^\0-\x7f]/.test(value));
}

function timedOut(call: ClientRequest, answer: IncomingMessage | undefined): Error {
  if (answer) {
    return unreachable(
      "timeout",
      "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
    );
  }
  const connected =
    call.socket && !call.socket.connecting && !("secureConnecting" in call.socket && call.socket.secureConnecting);
  return unreachable(
    "timeout",
    connected
      ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
      : "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
  );
}

/** Returns what ends the limits. */
function limitConnecting(call: ClientRequest, target: FailedTarget, end: (reason: unknown) => void): () => void {
  const dialing = setTimeout(() => {
    end(connectionFailure(Object.assign(new Error("dial timeout"), { code: "ETIMEDOUT" }), target));
  }, dialTimeout);
  let shaking: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(dialing);
    clearTimeout(shaking);
  };
  call.on("close", stop);
  call.on("socket", (socket) => {
    if (!socket.connecting && call.reusedSocket) return stop();
    const connected = (): void => {
      clearTimeout(dialing);
      if (target.server.protocol !== "https:") return;
      shaking = setTimeout(() => end(unreachable("timeout", "net/http: TLS handshake timeout")), handshakeTimeout);
      socket.once("secureConnect", stop);
    };
    if (socket.connecting) socket.once("connect", connected);
    else if ("secureConnecting" in socket && socket.secureConnecting) connected();
    else stop();
  });
  return stop;
}
