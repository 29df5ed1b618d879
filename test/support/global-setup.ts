import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Starts the control plane of the whole run and installs the packed kev, once all that they and the tests need is there. */
// biome-ignore lint/style/noDefaultExport: jest asks for it
export default async function globalSetup(): Promise<void> {
  // Before any import: an older Node can load none of the files below.
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 24) {
    throw new Error(
      `Tests run on Node 24, and this is ${process.version}: run "npm test", which uses the node of npm ci`,
    );
  }
  for (const built of ["dist/cli/run.js", "dist/lib/index.js"]) {
    if (!existsSync(join(root, built))) throw new Error(`${built} is not built: run "npm run build" first`);
  }

  const { shareControlPlane, startControlPlane } = await import("./control-plane.ts");
  const { installPackedCli } = await import("./packed-cli.ts");
  const controlPlane = await startControlPlane();
  shareControlPlane(controlPlane);
  Object.assign(globalThis, { kevControlPlane: controlPlane });
  try {
    await installPackedCli(controlPlane);
  } catch (error) {
    // jest calls no teardown after a setup that failed.
    await controlPlane.stop();
    throw error;
  }
}
