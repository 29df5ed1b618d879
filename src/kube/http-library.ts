import {
  type Configuration,
  CoreV1Api,
  Observable,
  type RequestContext,
  ResponseContext,
  ServerConfiguration,
} from "@kubernetes/client-node";
import { parseAnswer } from "./answer-error.ts";
import type { CoreV1Answers, CoreV1Events } from "./core-v1-api.ts";
import type { Transport } from "./transport.ts";

/** Makes URLs whole: the transport knows the server, and takes path and query. */
const placeholder = "http://kubernetes";

/**
 * client-node's typed core/v1 API over a transport of kev's. Failures are kev's: ApiError and UnreachableError, never
 * client-node's ApiException.
 *
 * Neither KubeConfig nor createConfiguration is used: both load undici, which does not run on Node 20.
 */
export function createCoreV1(
  transport: Transport,
  { signal, answers }: { signal: AbortSignal | undefined; answers: CoreV1Answers },
): CoreV1Events {
  const send = async (context: RequestContext) => {
    const url = context.getUrl();
    if (!url.startsWith(placeholder)) throw new TypeError(`Only paths of the server can be asked for, not ${url}`);
    const path = url.slice(placeholder.length);
    const sent = context.getBody();
    if (sent !== undefined && typeof sent !== "string") throw new TypeError("Only JSON bodies can be sent");
    const method = context.getHttpMethod();
    const { status, headers, text } = await transport.read({
      method,
      path,
      headers: context.getHeaders(),
      body: sent,
      signal: context.getSignal() ?? signal,
    });
    const body = { text: async () => text, binary: async () => Buffer.from(text), stream: () => null };
    // client-node takes no text apart.
    if (answers === "text") return new ResponseContext(status, { "content-type": "text/plain" }, body);
    // Its own parser throws nameless errors at what is no JSON.
    parseAnswer(text, status, `${method} ${path.split("?")[0]}`);
    const flat = Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]);
    return new ResponseContext(status, { ...Object.fromEntries(flat), "content-type": "application/json" }, body);
  };
  const configuration: Configuration = {
    baseServer: new ServerConfiguration(placeholder, {}),
    httpApi: { send: (context) => new Observable(send(context)) },
    middleware: [],
    authMethods: {},
  };
  return new CoreV1Api(configuration);
}
