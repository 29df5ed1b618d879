import type { Agent } from "node:http";
import type { LookupFunction } from "node:net";
import { createAgent, tlsOptions } from "../../kube/agent.ts";
import { plainTls, type TlsConfig } from "../../kube/client-config.ts";
import { proxyFor } from "../../kube/proxy.ts";
import { type TlsMaterial, tlsMaterialReader } from "../../kube/tls-material.ts";
import type { SteadyClock } from "../../util/clock.ts";
import { parseUrl } from "../../util/parse-url.ts";
import type { CheckSettings, TargetTls } from "../target.ts";
import { createNameLookup, lookupThreads } from "./name-lookup.ts";

export interface SiteAgentsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: SteadyClock;
  /** Of host names, for all connections; default: the machine's, with as many threads as `env` has for it. */
  readonly lookup?: LookupFunction | undefined;
}

/** How to get to a site. */
export interface SiteRoute {
  readonly agent: Agent;
  readonly proxy: URL | undefined;
  /** Whether the proxy itself is asked for the URL, as it is for http; else it is a tunnel. */
  readonly isForwarded: boolean;
}

/** The ways to sites that targets share: what is the same for many is there once. */
export interface SiteAgents {
  /**
   * @param isOwn whether `url` is of the target's own origin: its client certificate is shown to no other
   * @throws KevError (usage) for certificates that cannot be read or used
   */
  route(url: URL, settings: Pick<CheckSettings, "proxy" | "tls">, isOwn: boolean): Promise<SiteRoute>;
  /**
   * PEM texts of a target's files, read again every minute. What could once be used is kept while what comes later cannot.
   *
   * @throws KevError (usage) for certificates that cannot be read or used
   */
  material(tls: TargetTls): Promise<TlsMaterial>;
  readonly lookup: LookupFunction;
}

/** Each connection through them is a new one: a ping has to show that new connections work. */
export function createSiteAgents({ env, clock, ...given }: SiteAgentsOptions): SiteAgents {
  const readers = new Map<string, () => Promise<TlsMaterial>>();
  const agents = new Map<string, { material: TlsMaterial; agent: Promise<Agent> }>();
  const lookup = given.lookup ?? createNameLookup({ most: lookupThreads(env) });
  const socket = { keepAlive: false, lookup };
  const { ALL_PROXY = env.all_proxy } = env;
  // As curl takes it: for whatever has no variable of its own.
  const proxies = {
    ...env,
    HTTP_PROXY: env.HTTP_PROXY || env.http_proxy || ALL_PROXY,
    HTTPS_PROXY: env.HTTPS_PROXY || env.https_proxy || ALL_PROXY,
  };

  function material(tls: TargetTls): Promise<TlsMaterial> {
    const key = JSON.stringify([tls.caFile, tls.certFile, tls.keyFile]);
    const reader = readers.get(key) ?? usableMaterial(tls, clock);
    readers.set(key, reader);
    return reader();
  }

  return {
    ...{ material, lookup },
    route: async (url, { proxy: wanted, tls: given }, isOwn) => {
      const proxy =
        wanted === "none" ? undefined : wanted === undefined ? proxyFor(url, "", proxies) : parseUrl(wanted);
      const tls = isOwn ? given : { ...given, certFile: undefined, keyFile: undefined, serverName: undefined };
      const isForwarded = url.protocol === "http:" && /^https?:$/.test(proxy?.protocol ?? "");
      if (proxy && isForwarded)
        return { agent: await createAgent(proxy, undefined, plainTls, noMaterial, socket), proxy, isForwarded };
      const files = url.protocol === "https:" ? await material(tls) : noMaterial;
      const key = JSON.stringify([url.protocol, proxy?.href, tls]);
      const known = agents.get(key);
      if (known && known.material === files) return { agent: await known.agent, proxy, isForwarded };
      const agent = createAgent(url, proxy, tlsConfig(tls), files, socket);
      agents.set(key, { material: files, agent });
      return { agent: await agent, proxy, isForwarded };
    },
  };
}

function usableMaterial(tls: TargetTls, { elapsed }: SteadyClock): () => Promise<TlsMaterial> {
  const config = tlsConfig(tls);
  const read = tlsMaterialReader(config, elapsed);
  let usable: TlsMaterial | undefined;
  let looked: TlsMaterial | undefined;
  return async () => {
    const latest = await read();
    if (latest !== looked) {
      looked = latest;
      try {
        tlsOptions(config, latest);
        usable = latest;
      } catch (error) {
        // A certificate that is there before its key.
        if (!usable) throw error;
      }
    }
    if (!usable) tlsOptions(config, latest);
    return usable ?? latest;
  };
}

const noMaterial: TlsMaterial = { authority: undefined, certificate: undefined, key: undefined };

/** As the transport of the API server has it. */
export function tlsConfig({ caFile, certFile, keyFile, insecureSkipVerify, serverName = "" }: TargetTls): TlsConfig {
  return {
    ...plainTls,
    ...{ insecure: insecureSkipVerify, serverName },
    authority: caFile === undefined ? undefined : { file: caFile },
    certificate:
      certFile === undefined || keyFile === undefined
        ? undefined
        : { certificate: { file: certFile }, key: { file: keyFile } },
  };
}
