import type { ControlPlane } from "./control-plane.ts";

/** Ends the control plane that globalSetup started in this same process; the installed kev lies in its folder. */
// biome-ignore lint/style/noDefaultExport: jest asks for it
export default async function globalTeardown(): Promise<void> {
  const { kevControlPlane } = globalThis as { kevControlPlane?: ControlPlane };
  await kevControlPlane?.stop();
}
