import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a proxy does with a piece of what a client says. */
export type Passage =
  | "pass"
  /** The server does not get it, and the client's connection ends. */
  | "cut-before"
  /** The server gets it, and its answer never arrives: the client's connection ends when there is one. */
  | "cut-after"
  /** The client's connection ends, and the server does not hear of it until `release`. */
  | "strand";

/** Stands between a client and a server of any protocol over TCP. */
export interface TcpProxy {
  readonly port: number;
  /** Asked for each piece that a client sends. Default: everything passes. */
  passage: (piece: Buffer) => Passage;
  /** While it is so nothing passes either way, and nothing ends: as behind a firewall that drops. */
  isFrozen: boolean;
  /** Ends the server's side of stranded connections. */
  release(): void;
  close(): Promise<void>;
}

/** @param port of the server; asked for at each connection */
export async function startTcpProxy(target: () => number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const stranded = new Set<Socket>();
  const kept = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    kept(client);
    const upstream = kept(connect(target(), "127.0.0.1"));
    let isCutting = false;
    client.on("data", (piece) => {
      if (proxy.isFrozen) return;
      const passage = proxy.passage(piece);
      if (passage === "strand") stranded.add(upstream);
      if (passage === "cut-after") isCutting = true;
      if (passage === "pass" || passage === "cut-after") upstream.write(piece);
      else client.destroy();
    });
    upstream.on("data", (piece) => {
      if (proxy.isFrozen) return;
      if (isCutting) client.destroy();
      else client.write(piece);
    });
    client.on("close", () => stranded.has(upstream) || upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    passage: () => "pass",
    isFrozen: false,
    release: () => {
      for (const upstream of stranded) upstream.destroy();
      stranded.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return proxy;
}
