import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { createDeliveryLedger, type DeliveryLedger } from "./delivery-ledger.ts";

/** What a receiver does with a request. */
export type Answer =
  | "take"
  /** Takes it, and the answer gets lost. */
  | "take-and-cut"
  | "cut"
  /** Never answers. */
  | "hang"
  /** A status, with `Retry-After: 1` where it is 429. */
  | 400
  | 429
  | 500
  | 503;

/** A webhook that keeps what it takes: each request is a JSON array of deliveries. */
export interface CheckingReceiver {
  readonly url: string;
  readonly ledger: DeliveryLedger;
  /** How many requests met each answer. */
  readonly answers: ReadonlyMap<Answer, number>;
  /** Ids in the order in which they were taken, repeated ones too. */
  readonly taken: readonly string[];
  close(): Promise<void>;
}

/** @param answer asked for each request, with its deliveries */
export async function startCheckingReceiver(
  answer: (batch: readonly Delivery[], request: number) => Answer,
): Promise<CheckingReceiver> {
  const ledger = createDeliveryLedger();
  const answers = new Map<Answer, number>();
  const taken: string[] = [];
  let requests = 0;
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const batch = JSON.parse(await text(incoming)) as Delivery[];
    const met = answer(batch, requests++);
    answers.set(met, (answers.get(met) ?? 0) + 1);
    if (met === "take" || met === "take-and-cut") {
      for (const delivery of batch) {
        ledger.add(delivery);
        taken.push(delivery.id);
      }
    }
    if (met === "hang") return;
    if (met === "cut" || met === "take-and-cut") return void incoming.socket.destroy();
    if (met === "take") return void response.writeHead(204).end();
    response.writeHead(met, met === 429 ? { "Retry-After": "1" } : {}).end("not now");
  };
  const server: Server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    ledger,
    answers,
    taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
