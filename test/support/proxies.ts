import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
  STATUS_CODES,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** A real proxy in this process. */
export interface RunningProxy {
  readonly port: number;
  /** Where it was asked to lead, in order: `HOST:PORT`, for SOCKS only if it is to look the name up; `GET URL` without a tunnel. */
  readonly asked: string[];
  /** `NAME:PASSWORD` that came, in order; `-` for none. */
  readonly logins: string[];
  /** How many connections to it are open. */
  readonly open: number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Makes an HTTP proxy one that is spoken to over TLS. */
  tls?: { cert: string; key: string };
  /** `NAME:PASSWORD` that it asks for. Default: it asks for none. */
  login?: string;
  /** The port of 127.0.0.1 that it leads to, whatever is asked for. Default: as asked. */
  leadsTo?: number;
  /** The status that it answers CONNECT with, in place of leading anywhere. */
  refusal?: number;
  /** Takes connections, and never says anything. */
  isSilent?: boolean;
}

/** An HTTP proxy: CONNECT, and requests with a whole URL (RFC 9110 §9.3.6, RFC 9112 §3.2.2). */
export async function startHttpProxy({
  tls,
  login,
  leadsTo,
  refusal,
  isSilent,
}: ProxyOptions = {}): Promise<RunningProxy> {
  const asked: string[] = [];
  const logins: string[] = [];
  const isWelcome = ({ headers }: IncomingMessage): boolean => {
    const [, given = ""] = /^Basic (.*)$/.exec(headers["proxy-authorization"] ?? "") ?? [];
    const sent = Buffer.from(given, "base64").toString();
    logins.push(sent || "-");
    return login === undefined || sent === login;
  };
  const forward: RequestListener = (incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (!isWelcome(incoming)) return void response.writeHead(407).end();
    const url = new URL(incoming.url ?? "");
    const { "proxy-authorization": _, "proxy-connection": __, ...headers } = incoming.headers;
    const target = { host: "127.0.0.1", port: leadsTo ?? url.port, path: url.pathname + url.search };
    const call = request({ ...target, method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(call.on("error", () => response.destroy()));
  };
  const server: Server = tls ? createHttpsServer(tls, forward) : createHttpServer(forward);
  const tracked = await listen(server, tls ? "secureConnection" : "connection");
  server.on("connect", (incoming: IncomingMessage, socket: Duplex) => {
    asked.push(incoming.url ?? "");
    if (isSilent) return void socket.on("end", () => socket.end()).resume();
    const status = isWelcome(incoming) ? (refusal ?? 200) : 407;
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n\r\n`);
    const { hostname, port } = new URL(`http://${incoming.url}`);
    if (status === 200) tracked.tunnel(socket, leadsTo ?? Number(port), leadsTo === undefined ? hostname : "127.0.0.1");
    else socket.end();
  });
  return {
    port: tracked.port,
    asked,
    logins,
    close: tracked.close,
    get open() {
      return tracked.open();
    },
  };
}

/** A SOCKS 5 proxy (RFC 1928), with user name and password (RFC 1929) where it asks for them. */
export async function startSocksProxy({ login, leadsTo, refusal }: ProxyOptions = {}): Promise<RunningProxy> {
  const asked: string[] = [];
  const logins: string[] = [];
  const server = createServer();
  const tracked = await listen(server, "connection");
  const next = (socket: Socket): Promise<Buffer> => new Promise((resolve) => socket.once("data", resolve));
  server.on("connection", async (socket: Socket) => {
    await next(socket);
    socket.write(Buffer.from([5, login === undefined ? 0 : 2]));
    if (login === undefined) logins.push("-");
    else {
      const message = await next(socket);
      const length = message[1] ?? 0;
      const given = `${message.subarray(2, 2 + length)}:${message.subarray(3 + length)}`;
      logins.push(given);
      socket.write(Buffer.from([1, given === login ? 0 : 1]));
      if (given !== login) return void socket.end();
    }
    const message = await next(socket);
    const isName = message[3] === 3;
    const end = isName ? 5 + (message[4] ?? 0) : 8;
    const host = isName ? String(message.subarray(5, end)) : message.subarray(4, 8).join(".");
    const port = message.readUInt16BE(end);
    asked.push(`${host}:${port}`);
    socket.write(Buffer.from([5, refusal ?? 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (refusal === undefined) tracked.tunnel(socket, leadsTo ?? port, leadsTo === undefined ? host : "127.0.0.1");
    else socket.end();
  });
  return {
    port: tracked.port,
    asked,
    logins,
    close: tracked.close,
    get open() {
      return tracked.open();
    },
  };
}

async function listen(server: NetServer, connection: string) {
  const sockets = new Set<Duplex>();
  const track = (socket: Duplex): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  server.on(connection, track);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tunnel(socket: Duplex, port: number, host: string): void {
      const onward = connect(port, host);
      track(onward);
      socket.on("close", () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    },
    open: () => sockets.size,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
