import { isIP } from "node:net";
import { usageError } from "../../util/errors.ts";
import { parseUrl } from "../../util/parse-url.ts";
import type { Protocol, TargetUrl } from "../target.ts";
import { SettingProblem } from "./check-settings.ts";

const protocols: readonly Protocol[] = ["http", "https", "tcp", "tls", "dns"];

/** Types of records that can be asked for. */
const recordTypes = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"] as const;

/**
 * A target as it is typed: `https://ui.example.com/healthz`, `tcp://db:5432`, `tls://ldap:636`, `dns://ui.example.com`, or
 * after RFC 4501 with a server and a type `dns://10.0.0.10/ui.example.com?type=MX`. Problems never quote it: it may hold a
 * password.
 */
export function parseTargetUrl(text: string): TargetUrl | SettingProblem {
  const [, scheme = ""] = /^([a-z][a-z0-9+.-]*):/i.exec(text) ?? [];
  const protocol = protocols.find((known) => known === scheme.toLowerCase());
  if (protocol === undefined || !/^[^:]+:\/\//.test(text)) {
    return new SettingProblem("must start with https://, http://, tcp://, tls:// or dns://");
  }
  // Of schemes that it does not know, URL checks little: what it knows of http holds for all of them.
  const url = parseUrl(text.replace(/^[^:]+/, protocol === "https" ? "https" : "http"));
  if (url === undefined || url.hostname === "")
    return new SettingProblem(`is no URL with a host, like ${example(protocol)}`);
  if (protocol === "http" || protocol === "https") return { protocol, url, shown: url.origin + url.pathname };
  if (url.username || url.password) return new SettingProblem(`holds a user, which ${protocol} has none of`);
  if (protocol === "dns") return dnsTarget(url);
  if (url.pathname !== "/" || url.search || url.hash)
    return new SettingProblem(`is ${protocol}://HOST:PORT and no more`);
  // The port of http is left out of a URL of it.
  const port = url.port || (/:80$/.test(text.replace(/\/$/, "")) ? "80" : "");
  if (port === "") return new SettingProblem(`has no port, like ${example(protocol)}`);
  return { protocol, url, shown: `${protocol}://${url.hostname}:${port}` };
}

/** As {@link parseTargetUrl}. @throws usage error */
export function targetUrl(text: string): TargetUrl {
  const url = parseTargetUrl(text);
  if (!(url instanceof SettingProblem)) return url;
  // The whole may hold a password or a token; without one, saying it helps.
  throw usageError(`${/[@?#]/.test(text) ? "a URL" : JSON.stringify(text)} ${url.text}`);
}

function dnsTarget(url: URL): TargetUrl | SettingProblem {
  const type = url.searchParams.get("type") ?? url.searchParams.get("TYPE") ?? "A";
  if (!recordTypes.some((known) => known === type.toUpperCase())) {
    return new SettingProblem(`asks for no type of ${recordTypes.join(", ")}`);
  }
  const { name, server } = dnsQuestion(url);
  if (!/^[a-z0-9_*]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(name))
    return new SettingProblem("has no name, like dns://ui.example.com");
  if (server !== undefined && !isIP(url.hostname.replace(/^\[|\]$/g, "")))
    return new SettingProblem("names a server by its name: write its address, like dns://10.0.0.10/ui.example.com");
  const shownType = url.searchParams.size > 0 ? `?type=${type.toUpperCase()}` : "";
  return { protocol: "dns", url, shown: `dns://${url.host}${url.pathname === "/" ? "" : url.pathname}${shownType}` };
}

/** What a `dns:` URL asks for, and whom; without a server the system's. */
export function dnsQuestion(url: URL): {
  name: string;
  server: string | undefined;
  type: (typeof recordTypes)[number];
} {
  const asked = (url.searchParams.get("type") ?? url.searchParams.get("TYPE") ?? "A").toUpperCase();
  const type = recordTypes.find((known) => known === asked) ?? "A";
  const path = url.pathname.slice(1);
  return path === "" ? { name: url.hostname, server: undefined, type } : { name: path, server: url.host, type };
}

function example(protocol: Protocol): string {
  if (protocol === "dns") return "dns://ui.example.com";
  return protocol === "tcp" || protocol === "tls"
    ? `${protocol}://db.example.com:5432`
    : `${protocol}://ui.example.com`;
}
