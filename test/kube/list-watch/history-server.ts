import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { KubeObject } from "../../../src/events/event.ts";

interface Change {
  type: "ADDED" | "MODIFIED" | "DELETED";
  version: number;
  object: KubeObject;
}

/** A small true API server for one collection, with a history that can be forgotten, and faults on demand. */
export interface HistoryServer {
  readonly url: string;
  /** The collection now, by name. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** All states that ever were, `UID VERSION`. */
  readonly states: ReadonlySet<string>;
  /** Every version so far. */
  readonly version: number;
  /** @param members of the object, beside its metadata */
  write(name: string, members?: object): void;
  remove(name: string): void;
  /** Resolves when somebody watches. */
  watched(): Promise<void>;
  /** Forgets all history up to now, page tokens included. */
  compact(): void;
  /** Cuts all connections. */
  cut(): void;
  /** Does this to the next request. */
  disturb(fault: Fault): void;
  close(): Promise<void>;
}

export type Fault = "refuse" | "cut" | "half" | "compact" | "error" | "nonsense" | "end";

export async function startHistoryServer(): Promise<HistoryServer> {
  const objects = new Map<string, KubeObject>();
  const states = new Set<string>();
  const watches = new Set<ServerResponse>();
  const faults: Fault[] = [];
  let version = 10;
  let uids = 0;
  let oldest = version;
  let history: Change[] = [];
  /** Items by version, for the lists that are under way. */
  let snapshots = new Map<number, KubeObject[]>();

  const send = (response: ServerResponse, type: string, object: unknown): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const record = (type: Change["type"], object: KubeObject): void => {
    history.push({ type, version, object });
    for (const response of watches) send(response, type, object);
  };
  const gone = { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old resource version" };
  const refuse = (response: ServerResponse, code: number): void => {
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...gone, code, reason: code === 410 ? "Expired" : "InternalError" }));
  };
  const compact = (): void => {
    oldest = version;
    history = [];
    snapshots = new Map();
  };

  function list(response: ServerResponse, query: URLSearchParams, fault: Fault | undefined): void {
    const [at = version, start = 0] = query.get("continue")?.split("/").map(Number) ?? [];
    if (!query.has("continue")) {
      const sorted = [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
      snapshots.set(
        at,
        sorted.map(([, object]) => object),
      );
    }
    const items = snapshots.get(at);
    if (items === undefined) {
      refuse(response, 410);
      return;
    }
    const end = start + Number(query.get("limit"));
    const more = end < items.length ? `${at}/${end}` : "";
    const metadata = { resourceVersion: String(at), continue: more };
    const text = JSON.stringify({
      apiVersion: "v1",
      kind: "ThingList",
      metadata,
      items: items.slice(start, end),
    });
    response.writeHead(200, { "content-length": Buffer.byteLength(text) });
    if (fault === "half") response.write(text.slice(0, text.length / 2), () => response.destroy());
    else response.end(text);
  }

  function watch(response: ServerResponse, query: URLSearchParams, fault: Fault | undefined): void {
    const from = Number(query.get("resourceVersion"));
    response.writeHead(200);
    response.flushHeaders();
    if (fault === "error") send(response, "ERROR", { ...gone, code: 500, reason: "InternalError" });
    if (fault === "nonsense") response.write("nonsense\n");
    if (from < oldest) send(response, "ERROR", gone);
    const isBroken = from < oldest || fault === "error";
    if (!isBroken) for (const change of history) if (change.version > from) send(response, change.type, change.object);
    if (isBroken || fault === "end") response.end();
    else if (fault === "half") response.write('{"type":"ADDED","object":{"meta', () => response.destroy());
    else stay(response);
  }

  function stay(response: ServerResponse): void {
    watches.add(response);
    response.once("close", () => watches.delete(response));
  }

  const server = createServer((request, response) => {
    const query = new URL(request.url ?? "", "http://test").searchParams;
    const fault = faults.shift();
    if (fault === "compact") compact();
    if (fault === "refuse") refuse(response, 500);
    else if (fault === "cut") response.destroy();
    else if (query.has("watch")) watch(response, query, fault);
    else list(response, query, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    states,
    get version() {
      return version;
    },
    write(name, members = {}) {
      version++;
      const former = objects.get(name);
      const uid = former?.metadata.uid ?? `uid-${uids++}`;
      const metadata = { name, uid, resourceVersion: String(version) };
      const object = { apiVersion: "v1", kind: "Thing", ...members, metadata };
      objects.set(name, object);
      states.add(`${uid} ${version}`);
      record(former ? "MODIFIED" : "ADDED", object);
    },
    remove(name) {
      const former = objects.get(name);
      if (!former) return;
      version++;
      objects.delete(name);
      record("DELETED", { ...former, metadata: { ...former.metadata, resourceVersion: String(version) } });
    },
    compact,
    watched: async () => {
      while (watches.size === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    cut: () => server.closeAllConnections(),
    disturb: (fault) => void faults.push(fault),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
