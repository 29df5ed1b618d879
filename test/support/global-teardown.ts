import { rm } from "node:fs/promises";
import type { ControlPlane } from "./control-plane.ts";

/** Ends the control plane that globalSetup started in this same process, and removes the installed kev. */
// biome-ignore lint/style/noDefaultExport: jest asks for it
export default async function globalTeardown(): Promise<void> {
  const made = globalThis as { kevControlPlane?: ControlPlane; kevInstallation?: string };
  await made.kevControlPlane?.stop();
  if (made.kevInstallation !== undefined) await rm(made.kevInstallation, { recursive: true, force: true });
}
