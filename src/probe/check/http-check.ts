import http, { type IncomingMessage, STATUS_CODES } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { giveUp } from "../../kube/give-up.ts";
import { headerValues } from "../../kube/header-values.ts";
import { hostOf } from "../../kube/proxy.ts";
import { basicLogin } from "../../util/basic-login.ts";
import { version } from "../../version.ts";
import { statusText } from "../config/check-settings.ts";
import type { ProbeTarget } from "../target.ts";
import { CheckFailure, networkFailure } from "./check-failure.ts";
import { certificateOf } from "./seen-certificate.ts";
import { connecting, connection, type Sighting } from "./sighting.ts";
import type { SiteAgents } from "./site-agents.ts";

const mostRedirects = 10;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * One request, and those that its redirects lead to, each over a new connection.
 *
 * @param sighting what is seen is put there as it comes
 * @throws CheckFailure, or the reason of the signal
 */
export async function checkHttp(
  { url: target, settings }: ProbeTarget,
  agents: SiteAgents,
  sighting: Sighting,
  signal: AbortSignal,
): Promise<void> {
  let url = target.url;
  let { method } = settings;
  for (let hops = 0; ; hops++) {
    const answer = await send({ url, method, target, settings }, agents, sighting, signal);
    const next = redirects.has(answer.status) ? parsedLocation(answer.location, url) : undefined;
    const isFollowed =
      settings.redirects === "follow" || (settings.redirects === "same-host" && next?.host === url.host);
    if (next === undefined || !isFollowed) {
      judge(answer, settings);
      return;
    }
    if (next.protocol !== "http:" && next.protocol !== "https:") {
      throw new CheckFailure("redirect", `redirected to ${next.protocol}//, which is no site`);
    }
    if (hops === mostRedirects) throw new CheckFailure("redirect", `redirected more than ${mostRedirects} times`);
    if (answer.status === 303 && method !== "HEAD") method = "GET";
    url = next;
  }
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
  readonly isCut: boolean;
}

function judge(
  { status, body, isCut }: Answer,
  { expectStatus, expectBody, bodyLimit }: ProbeTarget["settings"],
): void {
  if (!expectStatus.some(({ from, to }) => status >= from && status <= to)) {
    throw new CheckFailure("status", statusLine(status), { wanted: statusText(expectStatus) });
  }
  if (expectBody && !expectBody.matches(body)) {
    const part = isCut ? ` in its first ${bodyLimit} bytes` : "";
    throw new CheckFailure("body", `${statusLine(status)} with another body`, {
      wanted: `/${expectBody.source}/${part}`,
    });
  }
}

/** Node's own words for it: the server's could be anything. */
function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

function parsedLocation(location: string | undefined, from: URL): URL | undefined {
  if (location === undefined) return undefined;
  try {
    return new URL(location, from);
  } catch {
    return undefined;
  }
}

interface Hop {
  url: URL;
  method: string;
  target: ProbeTarget["url"];
  settings: ProbeTarget["settings"];
}

async function send(hop: Hop, agents: SiteAgents, sighting: Sighting, signal: AbortSignal): Promise<Answer> {
  const { url, method, target, settings } = hop;
  const isOwn = url.origin === target.url.origin;
  const { agent, proxy, isForwarded } = await agents.route(url, settings, isOwn);
  signal.throwIfAborted();
  const connectTo = isOwn ? settings.connectTo : undefined;
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const serverName = (isOwn ? settings.tls.serverName : undefined) ?? hostOf(url);
  const direct = { host: connectTo?.host ?? hostOf(url), port: connectTo?.port ?? port };
  const peer = {
    ...(proxy ? { host: hostOf(proxy), port: Number(proxy.port) || (proxy.protocol === "https:" ? 443 : 80) } : direct),
    ...{ serverName, isProxied: proxy !== undefined },
  };
  const path = url.pathname + url.search;
  const address = `${direct.host.includes(":") ? `[${direct.host}]` : direct.host}:${direct.port}`;
  const asked = isForwarded
    ? { host: peer.host, port: peer.port, path: `http://${address}${path}` }
    : { ...direct, path };
  const proxyLogin = proxy && isForwarded ? basicLogin(proxy) : undefined;
  const headers = {
    ...headersFor(hop, isOwn),
    ...(proxyLogin === undefined ? {} : { "Proxy-Authorization": proxyLogin }),
  };
  const isSecure = (isForwarded ? proxy : url)?.protocol === "https:";
  return await new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request({ agent, method, ...asked, headers });
    sighting.waitingFor = proxy ? connection : connecting(direct.host);
    let hasAnswered = false;
    const onAbort = (): void => {
      if (!giveUp(request, signal.reason)) reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const fail = (error: unknown): void =>
      reject(signal.aborted ? signal.reason : networkFailure(error, { ...peer, hasAnswered }));
    request.on("close", () => {
      signal.removeEventListener("abort", onAbort);
      // Of an answer that is none, such as 101, nothing else is told.
      if (!hasAnswered) fail(new Error("socket hang up"));
    });
    request.on("error", fail);
    // Of https-proxy-agent, which takes what a proxy refuses with for the site's answer.
    request.on("proxyConnect", ({ statusCode }: { statusCode: number }) => {
      if (statusCode === 200) return;
      fail(new CheckFailure("connect", `the proxy answered ${statusCode}`));
      request.destroy();
    });
    request.on("socket", (socket) => watchSocket(socket, url, sighting));
    request.on("response", (response) => {
      hasAnswered = true;
      sighting.status = response.statusCode ?? 0;
      sighting.seen = statusLine(sighting.status);
      sighting.waitingFor = "the end of the answer";
      if (response.socket instanceof TLSSocket && isOwn) sighting.certificate = certificateOf(response.socket);
      readBody(response, settings.bodyLimit, settings.expectBody !== undefined).then(({ body, isCut }) => {
        request.destroy();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body, isCut });
      }, fail);
    });
    request.end();
  });
}

function watchSocket(socket: Socket, url: URL, sighting: Sighting): void {
  const secured = (): void => {
    sighting.waitingFor = "an answer";
  };
  const connected = (): void => {
    if (url.protocol === "https:") {
      sighting.waitingFor = "the TLS handshake";
      socket.once("secureConnect", secured);
    } else secured();
  };
  socket.once("lookup", () => {
    sighting.waitingFor = connection;
  });
  if (socket.connecting) socket.once("connect", connected);
  else connected();
}

function headersFor({ url, target, settings }: Hop, isOwn: boolean): Record<string, string | string[]> {
  const login = basicLogin(target.url);
  const own = {
    ...(login === undefined ? {} : { Authorization: login }),
    ...settings.headers,
  };
  // A header that the user gives replaces kev's, whatever its case.
  const given = new Set(Object.keys(isOwn ? own : {}).map((name) => name.toLowerCase()));
  const standing = Object.entries({
    Host: url.host,
    "User-Agent": `kev/${version}`,
    Accept: "*/*",
    // The body is looked at as it comes.
    "Accept-Encoding": "identity",
    Connection: "close",
  }).filter(([name]) => !given.has(name.toLowerCase()));
  return headerValues({ ...Object.fromEntries(standing), ...(isOwn ? own : {}) });
}

/** Read to its end, up to the limit, though nobody looks at it: an answer that breaks off is none. */
async function readBody(response: IncomingMessage, limit: number, isWanted: boolean) {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (isWanted) chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > limit) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, limit).toString(), isCut: length > limit };
}
