import { connect } from "../../src/kube/connect.ts";
import { holdLease } from "../../src/kube/lease.ts";

// A program that wants the Lease NAMESPACE/router, and says on stdout what becomes of it: waits, leads, stops, ends.
// It goes on until SIGTERM.
const [kubeconfig = "", namespace = "", identity = ""] = process.argv.slice(2);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const asked = new AbortController();
process.on("SIGTERM", () => asked.abort(new Error("asked to end")));

const connection = await connect({ kubeconfig });
const options = {
  name: "router",
  namespace,
  identity,
  signal: asked.signal,
  leaseDuration: 3_000,
  renewDeadline: 2_000,
  retryPeriod: 400,
  onWaiting: (holder: string) => say(`waits for ${holder}`),
};
try {
  await holdLease(connection, options, async ({ signal, term }) => {
    say(`leads in term ${term}`);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    say("stops");
  });
  say("ended");
} catch (error) {
  say(`ended: ${(error as Error).message}`);
} finally {
  connection.close();
}
