import { BlockList, isIP, isIPv6 } from "node:net";
import { type KevError, usageError } from "../util/errors.ts";
import { parseUrl } from "../util/parse-url.ts";
import { withoutCredentials } from "./server-url.ts";

type Env = Readonly<Record<string, string | undefined>>;

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * The proxy that requests to `server` go through, or undefined: the kubeconfig's proxy-url, else what HTTPS_PROXY,
 * HTTP_PROXY and NO_PROXY (or their lower-case forms) say, by the rules of Go's httpproxy package. localhost and loopback
 * addresses never go through a proxy of the environment.
 *
 * @param proxyUrl the kubeconfig's; it also counts for loopback servers
 * @throws KevError (usage) for a proxy of the environment that cannot or must not be used
 */
export function proxyFor(server: URL, proxyUrl: string, env: Env): URL | undefined {
  if (proxyUrl) return parseUrl(proxyUrl);
  const name = server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const configured = env[name] || env[name.toLowerCase()];
  if (!configured) return undefined;
  const proxy = parseUrl(/^[a-z][a-z0-9+.-]*:\/\/./i.test(configured) ? configured : `http://${configured}`);
  // As in Go, what is no address at all does not count.
  if (proxy === undefined) return undefined;
  // In a CGI program HTTP_PROXY is what a client sent as its header "Proxy".
  if (env.REQUEST_METHOD && server.protocol === "http:") {
    throw unusable("refusing to use HTTP_PROXY value in CGI environment; see golang.org/s/cgihttpproxy");
  }
  if (bypasses(server, env.NO_PROXY || env.no_proxy || "")) return undefined;
  if (!["http:", "https:", "socks5:", "socks5h:"].includes(proxy.protocol)) {
    const scheme = proxy.protocol.slice(0, -1);
    throw unusable(`unsupported scheme "${scheme}" in ${name}, must be http, https, socks5 or socks5h`);
  }
  return proxy;
}

function unusable(message: string): KevError {
  return usageError(message, { prefix: "Unable to connect to the server: " });
}

/** Why a kubeconfig's proxy-url cannot be used; undefined when it can. Quotes no name and password in it. */
export function proxyProblem(proxyUrl: string): string | undefined {
  const url = parseUrl(proxyUrl);
  if (url === undefined) return `could not parse: ${withoutCredentials(proxyUrl)}`;
  if (["http:", "https:", "socks5:"].includes(url.protocol)) return undefined;
  return `unsupported scheme "${url.protocol.slice(0, -1)}", must be http, https, or socks5`;
}

function bypasses(server: URL, noProxy: string): boolean {
  const host = hostOf(server);
  const port = server.port || defaultPorts[server.protocol] || "";
  if (host === "localhost" || isLoopback(host)) return true;
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  return entries.includes("*") || entries.some((entry) => entry !== "" && matches(entry, host, port));
}

/** A URL's host without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes("/")) return isIP(host) !== 0 && inSubnet(entry, host);
  const { name, wantedPort } = splitPort(entry);
  if (name === "" || (wantedPort !== "" && wantedPort !== port)) return false;
  if (isIP(name) !== 0) return isIP(host) !== 0 && sameAddress(name, host);
  if (isIP(host) !== 0) return false;
  const suffix = name.startsWith("*.") ? name.slice(1) : name;
  return suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function splitPort(entry: string): { name: string; wantedPort: string } {
  const bracketed = /^\[([^\]]*)\](?::(\d*))?$/.exec(entry);
  if (bracketed) return { name: bracketed[1] ?? "", wantedPort: bracketed[2] ?? "" };
  const [name = "", wantedPort = "", ...rest] = entry.split(":");
  // More than one colon: an IPv6 address without a port.
  return rest.length > 0 ? { name: entry, wantedPort: "" } : { name, wantedPort };
}

function inSubnet(cidr: string, host: string): boolean {
  const [address = "", bits = ""] = cidr.split("/");
  const longest = isIPv6(address) ? 128 : 32;
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > longest) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family(address));
  return list.check(host, family(host));
}

function sameAddress(address: string, host: string): boolean {
  const list = new BlockList();
  list.addAddress(address, family(address));
  return list.check(host, family(host));
}

function isLoopback(host: string): boolean {
  return isIP(host) !== 0 && (inSubnet("127.0.0.0/8", host) || sameAddress("::1", host));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
