import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** How a site answers: well, by 503, later than anybody waits, or by an end of the connection. */
export type SiteMood = "well" | "broken" | "slow" | "cut";

/** A site on loopback whose mood a test changes. */
export interface ChangingSite {
  readonly port: number;
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  mood: SiteMood;
  /** Requests so far that were answered well, and those that were not. */
  readonly good: number;
  readonly bad: number;
  /** `GET HOST/PATH` of each request. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function startChangingSite(): Promise<ChangingSite> {
  const asked: string[] = [];
  let [good, bad] = [0, 0];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.host ?? ""}${request.url ?? ""}`);
    if (site.mood === "well") good++;
    else bad++;
    if (site.mood === "well") response.end("welcome");
    else if (site.mood === "broken") response.writeHead(503).end();
    else if (site.mood === "cut") request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  const site: ChangingSite = {
    ...{ port, url: `http://127.0.0.1:${port}/`, mood: "well" },
    get good() {
      return good;
    },
    get bad() {
      return bad;
    },
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return site;
}
