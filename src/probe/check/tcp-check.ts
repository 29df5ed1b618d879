import { connect, isIP } from "node:net";
import { checkServerIdentity, connect as connectTls, TLSSocket } from "node:tls";
import { tlsOptions } from "../../kube/agent.ts";
import { hostOf } from "../../kube/proxy.ts";
import type { ProbeTarget } from "../target.ts";
import { networkFailure } from "./check-failure.ts";
import { certificateOf } from "./seen-certificate.ts";
import { connecting, connection, type Sighting } from "./sighting.ts";
import { type SiteAgents, tlsConfig } from "./site-agents.ts";

/**
 * Connects, for `tls:` with a handshake, and hangs up. There is no proxy for this.
 *
 * @throws CheckFailure, or the reason of the signal
 */
export async function checkTcp(
  { url: target, settings }: ProbeTarget,
  agents: SiteAgents,
  sighting: Sighting,
  signal: AbortSignal,
): Promise<void> {
  const isTls = target.protocol === "tls";
  const material = isTls ? await agents.material(settings.tls) : undefined;
  signal.throwIfAborted();
  const named = hostOf(target.url);
  const host = settings.connectTo?.host ?? named;
  const port = settings.connectTo?.port ?? (Number(target.url.port) || 80);
  const serverName = settings.tls.serverName ?? named;
  await new Promise<void>((resolve, reject) => {
    sighting.waitingFor = connecting(host);
    const socket = material
      ? connectTls({
          ...{ host, port, lookup: agents.lookup, servername: isIP(serverName) ? "" : serverName },
          checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
          ...tlsOptions(tlsConfig(settings.tls), material),
        })
      : connect({ host, port, lookup: agents.lookup });
    const end = (how: () => void): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      how();
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (error) =>
      end(() => reject(networkFailure(error, { host, port, serverName, hasAnswered: false, isProxied: false }))),
    );
    socket.once("lookup", () => {
      sighting.waitingFor = connection;
    });
    socket.on("connect", () => {
      sighting.waitingFor = "the TLS handshake";
      if (!isTls) end(resolve);
    });
    socket.on("secureConnect", () => {
      if (socket instanceof TLSSocket) sighting.certificate = certificateOf(socket);
      end(resolve);
    });
  });
  sighting.seen = isTls ? "TLS handshake done" : "connected";
}
