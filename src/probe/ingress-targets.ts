import type { KubeObject } from "../events/event.ts";
import { recordOf } from "../util/is-record.ts";
import { SettingProblem } from "./config/check-settings.ts";
import { parseTargetUrl } from "./config/parse-target-url.ts";
import type { CheckSettings, ProbeTarget } from "./target.ts";

export interface IngressTargets {
  /** One for each host and path, in the order of the Ingress. */
  readonly targets: readonly ProbeTarget[];
  /** What of it cannot be probed, and why. */
  readonly skipped: readonly string[];
}

/**
 * The sites of an Ingress, named by their URLs: https where `tls` has the host (or names none, which means all), else http.
 * Source: networking.k8s.io/v1, IngressRule and IngressTLS.
 */
export function ingressTargets({ spec }: KubeObject, settings: CheckSettings): IngressTargets {
  const { rules, tls } = recordOf(spec);
  const targets = new Map<string, ProbeTarget>();
  const skipped = new Set<string>();
  for (const rule of listOf(rules)) {
    const { host, http } = recordOf(rule);
    if (typeof host !== "string" || host === "") {
      skipped.add("a rule without a host: its address is not the Ingress's to know");
      continue;
    }
    if (host.includes("*")) {
      skipped.add(`${host}: it stands for any host`);
      continue;
    }
    const scheme = listOf(tls).some((entry) => covers(listOf(recordOf(entry).hosts), host)) ? "https" : "http";
    for (const path of pathsOf(http)) {
      const url = path === undefined ? undefined : parseTargetUrl(`${scheme}://${host}${path}`);
      if (url === undefined || url instanceof SettingProblem) {
        skipped.add(`a path of ${host}: it is a pattern`);
        continue;
      }
      targets.set(url.shown, { name: url.shown, url, settings });
    }
  }
  return { targets: [...targets.values()], skipped: [...skipped] };
}

/** Undefined for a path that is no path, but what a controller takes for a regular expression. */
function pathsOf(http: unknown): (string | undefined)[] {
  const paths = listOf(recordOf(http).paths).map((entry) => {
    const { path = "/" } = recordOf(entry);
    return typeof path === "string" && /^\/[\w/.~%@:=-]*$/.test(path) ? path : undefined;
  });
  return paths.length > 0 ? paths : ["/"];
}

function covers(hosts: readonly unknown[], host: string): boolean {
  if (hosts.length === 0) return true;
  return hosts.some((name) => name === host || (typeof name === "string" && name === host.replace(/^[^.]+/, "*")));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
