import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** One TCP port before several, as a Service is before its Pods. */
export interface Balancer {
  readonly port: number;
  /** Sends connections to these ports in turn from now on, and ends those that are open. */
  turnTo(...ports: string[]): void;
  close(): Promise<void>;
}

/** Starts a balancer on 127.0.0.1. A port where nobody listens is passed over. */
export async function startBalancer(): Promise<Balancer> {
  let targets: string[] = [];
  let turn = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const forward = (client: Socket, left: number): void => {
    const port = targets[turn++ % targets.length];
    if (port === undefined || left === 0) return void client.destroy();
    const target = connect(Number(port), "127.0.0.1");
    target.once("connect", () => {
      keep(target).removeListener("error", next);
      client.pipe(target).pipe(client);
      client.once("close", () => target.destroy());
      target.once("close", () => client.destroy());
    });
    const next = (): void => forward(client, left - 1);
    target.once("error", next);
  };
  const server = createServer((client) => forward(keep(client), targets.length));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    turnTo: (...ports) => {
      targets = ports;
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
