import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { checkServerIdentity, createSecureContext, type PeerCertificate } from "node:tls";
import { usageError } from "../util/errors.ts";
import { errorCode } from "../util/file-error.ts";
import type { TlsConfig } from "./client-config.ts";
import { hostOf } from "./proxy.ts";
import type { TlsMaterial } from "./tls-material.ts";

export interface SocketOptions {
  /** Bytes that a socket holds for a reader who pauses before it stops reading. Default: Node's. */
  readonly highWaterMark?: number;
  /** Default true. False: each request has a connection of its own, with a handshake of its own. */
  readonly keepAlive?: boolean;
  /** How host names are looked up. Default: the system's. */
  readonly lookup?: LookupFunction;
}

/**
 * The pool of kept connections to one server, through its proxy when there is one. The modules for proxies are
 * only loaded when they are needed.
 *
 * @param material ignored for http servers without an https proxy
 * @throws KevError (usage) for certificates that are broken or do not fit their key
 */
export async function createAgent(
  server: URL,
  proxy: URL | undefined,
  tls: TlsConfig,
  material: TlsMaterial,
  socket: SocketOptions = {},
): Promise<HttpAgent> {
  const secure = server.protocol === "https:";
  // Node takes the name to check from the address it connects to, which through a proxy is not the server's.
  const named = (url: URL): TlsConfig => ({ ...tls, serverName: tls.serverName || hostOf(url) });
  // A session that is gone on with would show no certificate.
  const fresh = socket.keepAlive === false ? { maxCachedSessions: 0 } : {};
  const options = {
    keepAlive: true,
    ...socket,
    ...fresh,
    ...(secure ? tlsOptions(proxy ? named(server) : tls, material) : {}),
  };
  if (proxy?.protocol.startsWith("socks")) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    // As in Go, the proxy looks the host name up.
    const socketOptions = socket.lookup && { socketOptions: { lookup: socket.lookup } };
    return new SocksProxyAgent(proxy.href.replace(/^socks5:/, "socks5h:"), { ...options, ...socketOptions });
  }
  if (proxy) {
    const { createHttpProxyAgent } = await import("./proxy-agent.ts");
    // As in Go, what is said of the server's TLS also goes for that of its proxy.
    const ofProxy = proxy.protocol === "https:" ? tlsOptions(named(proxy), material) : {};
    return createHttpProxyAgent(secure, proxy, {
      ofProxy: { keepAlive: true, ...socket, ...ofProxy },
      ofServer: options,
    });
  }
  return secure ? new HttpsAgent(options) : new HttpAgent(options);
}

/** Lets go of a pool once its answers are read: what is under way ends as it would have, and nothing is kept. */
export function retireAgent(agent: HttpAgent): void {
  // Asked each time a socket falls free.
  Object.assign(agent, { keepAlive: false });
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/**
 * What Node's tls takes, and https with it.
 *
 * @throws KevError (usage) for certificates that are broken or do not fit their key
 */
export function tlsOptions(tls: TlsConfig, { authority, system, certificate, key }: TlsMaterial) {
  const { serverName } = tls;
  try {
    // One context for all connections: reading certificates again for each costs more than the handshake.
    const secureContext = createSecureContext({
      ca: authority ?? system,
      cert: certificate,
      key,
      minVersion: "TLSv1.2",
    });
    return {
      secureContext,
      rejectUnauthorized: !tls.insecure,
      ...(serverName
        ? {
            // An address may be checked against, but must not be asked for.
            servername: isIP(serverName) ? "" : serverName,
            checkServerIdentity: (_host: string, peer: PeerCertificate) => checkServerIdentity(serverName, peer),
          }
        : {}),
    };
  } catch (error) {
    throw usageError(contextProblem(errorCode(error)), { cause: error });
  }
}

function contextProblem(code: string): string {
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") return "tls: private key does not match public key";
  return `tls: the certificates cannot be used (${code || "unknown reason"})`;
}
