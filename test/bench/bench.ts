import { cpus } from "node:os";
import { startControlPlane } from "../support/control-plane.ts";
import { installPackedCli } from "../support/packed-cli.ts";
import { benchBatch } from "./batch.ts";
import { benchEmit } from "./emit.ts";
import { benchGate } from "./gate.ts";
import { benchProbe } from "./probe.ts";
import { benchRead } from "./read.ts";
import { createReport } from "./report.ts";
import { benchRoute } from "./route.ts";

// Ratios of whole processes, measured in one run on a real control plane: `npm run bench [-- PAIRS [PART…]]`. Nothing is
// asserted. The parts are emit, batch, read, gate, route and probe; default: all.
const [pairs = "15", ...wanted] = process.argv.slice(2);
const parts = {
  emit: benchEmit,
  batch: benchBatch,
  read: benchRead,
  gate: benchGate,
  route: benchRoute,
  probe: benchProbe,
};

const report = createReport(Number(pairs));
report.progress("Starting a control plane, packing and installing kev…");
const controlPlane = await startControlPlane();
try {
  await installPackedCli(controlPlane);
  for (const [name, run] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) await run(controlPlane, report);
  }
} finally {
  await controlPlane.stop();
}
process.stdout.write(`${report.markdown()}
${cpus().length} processors, ${report.pairs} pairs a row, medians; ratios are of wall time, pair by pair
`);
