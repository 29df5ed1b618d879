import type { Agent, ClientRequest } from "node:http";
import type { HttpsProxyAgentOptions } from "https-proxy-agent";
import { basicLogin } from "../util/basic-login.ts";
import { whenGivenUp } from "./give-up.ts";

export interface HttpProxyOptions {
  /** Of the connections to the proxy. */
  readonly ofProxy: object;
  /** Of the connections to the server, where they are others. */
  readonly ofServer: object;
}

/** The pool of connections through an HTTP proxy: over tunnels to a server with TLS, else the proxy itself is asked. */
export async function createHttpProxyAgent(
  secure: boolean,
  proxy: URL,
  { ofProxy, ofServer }: HttpProxyOptions,
): Promise<Agent> {
  // Both packages show the URL that they are given to who sets DEBUG.
  const bare = new URL(proxy);
  [bare.username, bare.password] = ["", ""];
  const login = basicLogin(proxy);
  const headers = login === undefined ? {} : { "Proxy-Authorization": login };
  const options = { ...ofProxy, headers } as HttpsProxyAgentOptions<string>;
  if (!secure) {
    const { HttpProxyAgent } = await import("http-proxy-agent");
    return endable(new HttpProxyAgent(bare, options));
  }
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  // What is given to it goes for the proxy only; for the server counts what Node's Agent keeps here.
  return endable(Object.assign(new HttpsProxyAgent(bare, options), { options: { ...ofServer, path: undefined } }));
}

interface Tunnels extends Agent {
  connectOpts: object;
  connect(call: ClientRequest, options: never): Promise<unknown>;
}

/**
 * Ends what it connects to when the request is given up, or the pool closed: a socket on which the proxy says nothing
 * belongs to nobody else as yet, and would hold the process.
 */
function endable(agent: Tunnels): Agent {
  const { connect, destroy } = agent;
  const connecting = new Set<AbortController>();
  return Object.assign(agent, {
    connect: async (call: ClientRequest, options: never): Promise<unknown> => {
      const ending = new AbortController();
      connecting.add(ending);
      whenGivenUp(call, () => ending.abort());
      const connectOpts = { ...agent.connectOpts, signal: ending.signal };
      try {
        return await connect.call(Object.create(agent, { connectOpts: { value: connectOpts } }), call, options);
      } finally {
        connecting.delete(ending);
      }
    },
    destroy: (): void => {
      destroy.call(agent);
      for (const ending of connecting) ending.abort();
    },
  });
}
