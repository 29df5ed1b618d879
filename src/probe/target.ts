import type { TextMatcher } from "./config/check-settings.ts";

/** How a target is asked. */
export type Protocol = "http" | "https" | "tcp" | "tls" | "dns";

/** What is asked: a URL, taken apart. */
export interface TargetUrl {
  readonly protocol: Protocol;
  /** As it may be shown: without user, password, query and fragment. */
  readonly shown: string;
  /** The whole of it, which may hold secrets. */
  readonly url: URL;
}

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** `follow` goes wherever an answer sends it, `same-host` stays with the host, `none` takes a redirect for the answer. */
export type RedirectPolicy = "follow" | "same-host" | "none";

/** How one target is checked; times are in milliseconds. */
export interface CheckSettings {
  /** From the start of one check to the start of the next. Default 10 s. */
  readonly interval: number;
  /** Up to so much, by chance, comes on top of each interval. Default a tenth of it. */
  readonly jitter: number | undefined;
  /** For all of a check: name, connection, handshake, answer, body. Default 5 s. */
  readonly timeout: number;
  /** Failed checks in a row until it is down. Default 3. */
  readonly failures: number;
  /** Good ones in a row until it is up again. Default 2. */
  readonly successes: number;
  /** HTTP statuses that are good. Default 200-399. */
  readonly expectStatus: readonly StatusRange[];
  /** Must be found in the body; of DNS in the answers, of which each is a line. */
  readonly expectBody: TextMatcher | undefined;
  /** Bytes of a body that are read. Default 1 MiB. */
  readonly bodyLimit: number;
  /** Default GET. */
  readonly method: string;
  /** Values may be secrets; they go to the target's own origin only. */
  readonly headers: Readonly<Record<string, string>>;
  /** Default `follow`. */
  readonly redirects: RedirectPolicy;
  /** `none`, or a URL, which may hold a password. Default: what the environment says. */
  readonly proxy: string | undefined;
  /** Where to connect to, whatever the URL says. */
  readonly connectTo: { readonly host: string; readonly port: number } | undefined;
  readonly tls: TargetTls;
  /** A certificate that has less than that left is told of; 0: never. Default 14 days. */
  readonly certificateExpiry: number;
}

/** Files are PEM and absolute. */
export interface TargetTls {
  /** The only authorities to trust; default Node's. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly insecureSkipVerify: boolean;
  /** To ask for, and to check the certificate against; default the URL's host. */
  readonly serverName: string | undefined;
}

/** One line of what is to be probed: a target, or an Ingress that says itself what its sites are. */
export interface ProbeEntry {
  /** Unlike all others'; default the URL as it may be shown. Of an Ingress's sites each has its own. */
  readonly name: string | undefined;
  /** Undefined: the hosts and paths of the Ingress. */
  readonly url: TargetUrl | undefined;
  /** `TYPE/NAME` of what events are about. */
  readonly on: string | undefined;
  /** Default: the connection's. */
  readonly namespace: string | undefined;
  readonly settings: CheckSettings;
}

/** A target with a name. */
export interface ProbeTarget {
  readonly name: string;
  readonly url: TargetUrl;
  readonly settings: CheckSettings;
}

/** What stands for why a check failed, in metrics. */
export type FailureReason = "dns" | "connect" | "timeout" | "tls" | "cut" | "protocol" | "status" | "body" | "redirect";

/** What one check has seen. */
export interface CheckResult {
  readonly outcome: "ok" | FailureReason;
  /** When it began. */
  readonly at: Date;
  readonly milliseconds: number;
  /** What was seen, in words: `503 Service Unavailable`, `no such host ui.example.com`. No secret is in it. */
  readonly seen: string;
  /** What would have been good, where something else came. */
  readonly wanted?: string | undefined;
  /** HTTP's. */
  readonly status?: number | undefined;
  readonly certificate?: SeenCertificate | undefined;
}

/** The certificate that a target has shown. */
export interface SeenCertificate {
  readonly expiresAt: Date;
  /** SHA-256, of this very certificate. */
  readonly fingerprint: string;
}

/** Checks a target once. @throws the reason of the signal; KevError (usage) for certificates that cannot be read or used */
export type Check = (signal: AbortSignal) => Promise<CheckResult>;
