import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane } from "../support/control-plane.ts";
import type { Program } from "./compare.ts";
import { installed } from "./installed.ts";

/** A program that writes a line of JSON for each event that it sees, and how to find the event in a line. */
export interface Router {
  readonly name: string;
  program(namespace: string, run: number): Program;
  /** `<uid>/<resourceVersion>` of a line; undefined for a line that is no event. */
  idOf(line: string): string | undefined;
}

interface EventLike {
  metadata?: { uid?: string; resourceVersion?: string };
}

/**
 * kev, a bare watch loop, and, where the environment names their programs, others: EVENTROUTER that of
 * kube-logging/eventrouter, EVENT_EXPORTER that of resmoio/kubernetes-event-exporter, each built in its repository with
 * `CGO_ENABLED=0 go build`.
 */
export async function routers(controlPlane: ControlPlane, env: NodeJS.ProcessEnv): Promise<Router[]> {
  const { kev, node20, node24 } = await installed(controlPlane);
  const { adminKubeconfig, dir, server, caFile } = controlPlane;
  const plain = { HOME: dir, PATH: env.PATH ?? "", KUBECONFIG: adminKubeconfig };
  const found: Router[] = [node24, node20].map((node) => ({
    name: `kev route, ${node.name}`,
    program: (namespace, run) => {
      const state = join(dir, `bench-${node.name.replace(" ", "-")}-${run}.db`);
      return kev(node, "route", "-n", namespace, "--listen", "127.0.0.1:0", "--from-now", "--state", state);
    },
    idOf: (line) => (JSON.parse(line) as { id: string }).id,
  }));
  const bare = join(dir, "bare-watch.mjs");
  await writeFile(bare, bareWatch(server, adminKubeconfig, caFile));
  found.push({
    name: "a bare watch loop, Node 24",
    program: (namespace) => ({ command: join(node24.bin, "node"), args: [bare, namespace], env: plain }),
    idOf: (line) => idOfEvent((JSON.parse(line) as { object: EventLike }).object),
  });
  if (env.EVENTROUTER) {
    const command = env.EVENTROUTER;
    found.push({
      name: "eventrouter",
      program: () => ({ command, args: [], env: { ...plain, EVENTROUTER_KUBECONFIG: adminKubeconfig } }),
      idOf: (line) => (line.startsWith("{") ? idOfEvent((JSON.parse(line) as { event?: EventLike }).event) : undefined),
    });
  }
  if (env.EVENT_EXPORTER) {
    const command = env.EVENT_EXPORTER;
    const config = join(dir, "event-exporter.yaml");
    await writeFile(config, exporterConfig);
    found.push({
      name: "kubernetes-event-exporter",
      program: () => ({ command, args: ["-conf", config], env: plain }),
      idOf: (line) => (line.startsWith("{") ? idOfEvent(JSON.parse(line) as EventLike) : undefined),
    });
  }
  return found;
}

function idOfEvent(event: EventLike | undefined): string | undefined {
  const { uid, resourceVersion } = event?.metadata ?? {};
  return uid && `${uid}/${resourceVersion}`;
}

// Its look-ups of objects are left out: with them it discards nearly all events for their age.
const exporterConfig = `logLevel: error
logFormat: json
maxEventAgeSeconds: 3600
kubeQPS: 1000
kubeBurst: 1000
omitLookup: true
route: {routes: [{match: [{receiver: out}]}]}
receivers: [{name: out, stdout: {deDot: false}}]
`;

// No cache, no checkpoint, no metrics: what a router cannot do without.
function bareWatch(server: string, kubeconfig: string, caFile: string): string {
  return `import { get } from "node:https";
import { readFileSync, writeSync } from "node:fs";
const config = JSON.parse(JSON.stringify(readFileSync(${JSON.stringify(kubeconfig)}, "utf8")));
const data = (name) => Buffer.from(new RegExp(name + ": *\\"?([A-Za-z0-9+/=]+)").exec(config)[1], "base64");
const options = { ca: readFileSync(${JSON.stringify(caFile)}), cert: data("client-certificate-data"), key: data("client-key-data") };
get(${JSON.stringify(server)} + "/api/v1/namespaces/" + process.argv[2] + "/events?watch=1", options, (answer) => {
  let rest = "";
  answer.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\\n");
    rest = lines.pop();
    let out = "";
    for (const line of lines) {
      const event = JSON.parse(line);
      delete event.object.metadata.managedFields;
      out += JSON.stringify(event) + "\\n";
    }
    if (out !== "") writeSync(1, out);
  });
});
`;
}
