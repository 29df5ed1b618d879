import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../support/control-plane.ts";
import { installed } from "./installed.ts";
import type { Report } from "./report.ts";
import { cpuSeconds, end, peakMemory } from "./running-program.ts";

const targets = 500;
/** Seconds between the checks of a target, and seconds that are measured after all of them have been checked once. */
const [interval, measured] = [10, 30];

/** Many targets, by a name that each check looks up: 500 every 10 s within half a core and 150 MiB, and exactly as many checks as that makes. */
export async function benchProbe(controlPlane: ControlPlane, report: Report): Promise<void> {
  const { kev, node20, node24 } = await installed(controlPlane);
  const namespace = "probe";
  await controlPlane.must("create", "namespace", namespace);
  await controlPlane.must("create", "configmap", "sites", "-n", namespace);
  const script = join(controlPlane.dir, "site.mjs");
  await writeFile(script, site);
  for (const node of [node24, node20]) {
    report.progress(`${targets} targets every ${interval} s, ${node.name}…`);
    const server = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const lines = createInterface(server.stdout);
      const [port] = (await once(lines, "line")) as [string];
      let requests = 0;
      lines.on("line", (line) => {
        requests = Number(line);
      });
      const file = join(controlPlane.dir, "targets.yaml");
      const urls = Array.from({ length: targets }, (_, index) => `  - url: http://localhost:${port}/${index}\n`);
      const defaults = `defaults: { on: cm/sites, namespace: ${namespace}, interval: ${interval}s, jitter: 0s, expectBody: welcome }`;
      await writeFile(file, `${defaults}\ntargets:\n${urls.join("")}`);
      const { command, args, env } = kev(node, "probe", "-f", file, "--listen", "127.0.0.1:0");
      const probe = spawn(command, args, { env, stdio: ["ignore", "ignore", "ignore"] });
      try {
        while (requests < targets) await sleep(100);
        const before = { cpu: await cpuSeconds(probe), requests };
        await sleep(measured * 1_000);
        const cores = ((await cpuSeconds(probe)) - before.cpu) / measured;
        const peak = await peakMemory(probe);
        const share = (requests - before.requests) / ((targets * measured) / interval);
        report.add({
          what: `kev probe, ${targets} targets every ${interval} s, ${node.name}: cores`,
          median: cores.toFixed(2),
          wall: `${peak.toFixed(0)} MiB, ${(share * 100).toFixed(0)} % of the checks`,
          target: "≤ 0.5, ≤ 150 MiB",
        });
      } finally {
        await end(probe);
      }
    } finally {
      await end(server);
    }
  }
}

// In a process of its own, so that what it takes is not counted. It prints its port, then how often it was asked.
const site = `import { createServer } from "node:http";
let requests = 0;
const server = createServer((request, response) => {
  requests++;
  response.end("welcome".repeat(100));
});
server.listen(0, "localhost", () => console.log(server.address().port));
setInterval(() => console.log(requests), 100);
`;
