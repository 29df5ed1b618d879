import type { KubeObject } from "../events/event.ts";
import type { Preset } from "../events/presets.ts";
import type { Clock } from "../util/clock.ts";
import type { ContentInput } from "./resolve-content.ts";

/** How events are written; all optional. */
export interface EmitSettings {
  /** Namespace of the objects; default the connection's. Cluster-scoped objects have none. */
  namespace?: string | undefined;
  /** `client` sends no event, `server` lets the server check it and stores nothing. */
  dryRun?: "client" | "server" | undefined;
  /** Default `kev`. */
  fieldManager?: string | undefined;
  /** Milliseconds in which a failure that may pass is tried again; default 30 000; 0 for one try. */
  retryTimeout?: number | undefined;
  /** Default: those that kev brings. */
  presets?: readonly Preset[] | undefined;
  signal?: AbortSignal | undefined;
  /** Default the machine's. */
  clock?: Clock | undefined;
  /** The default instance; default the machine's host name. */
  hostName?: (() => string) | undefined;
  /** 0 ≤ x < 1, spreads retries; default Math.random. */
  random?: (() => number) | undefined;
  /** Folder for discovery, as kubectl's --cache-dir; default: nothing is kept on disk. */
  cacheDir?: string | undefined;
  /** Told which Deployment a decision is about, as it is, before the decision is sent. What it throws, emit throws. */
  onDecision?: ((deployment: KubeObject) => void | Promise<void>) | undefined;
  /** Told what a person should know though it is no failure. */
  onRemark?: ((text: string) => void) | undefined;
  /** Told of each failure that will be tried again, and the milliseconds until then. */
  onRetry?: ((error: unknown, delay: number) => void) | undefined;
}

/** What the event says, and what of the object it is about. */
export interface EmitContent extends ContentInput {
  /** Name of a container: the event is about that part of the pod. */
  container?: string | undefined;
  /** A second object, `TYPE/NAME`, in the same namespace. */
  related?: string | undefined;
  /** When it happened; default now. Not for decisions, whose order the server's clock decides. */
  at?: Date | undefined;
  /** Repeats with this key (same object, type, reason and component) are one event, counted up. Not for decisions. */
  key?: string | undefined;
  /** For decisions: that of the release which was reviewed. Any other release is refused. See `templateDigest`. */
  digest?: string | undefined;
  /** For approvals and broken glass: when they no longer count. The gate's clock judges. */
  expiresAt?: Date | undefined;
  /** With `key`: an existing event is enough. */
  once?: boolean | undefined;
}
