import type { EventType } from "./event.ts";

/** A named bundle of what an event says, written in lower case on the command line: `kev emit approve ui-server`. */
export interface Preset {
  /** Lower case, digits and `-`. */
  name: string;
  /** UpperCamelCase, at most 128 bytes. */
  reason: string;
  type: EventType;
  /** Used when no message is given. */
  message?: string;
  /** Who the event is from; default `kev`. */
  component?: string;
  /** Kind that a bare NAME is of; default Deployment. */
  kind?: string;
  action?: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  /** One line for `kev presets`. */
  description: string;
  /** Refuses to be used without a message of its own. */
  needsMessage?: boolean;
  /** `built-in`, or the place in the config file: `kev.yaml:3`. */
  source: string;
}

const builtIn = (preset: Omit<Preset, "source">): Preset => ({ ...preset, source: "built-in" });

/**
 * Decisions about a release. The approval gate reads them, so their reasons are part of kev's contract and cannot be
 * changed by a config file.
 */
export const decisionPresets: readonly Preset[] = [
  builtIn({
    name: "approve",
    reason: "Approval",
    type: "Normal",
    message: "Manually tested and approved",
    component: "ci-approver",
    kind: "Deployment",
    description: "this release may roll out",
  }),
  builtIn({
    name: "reject",
    reason: "ApprovalRejected",
    type: "Warning",
    message: "Rejected",
    component: "ci-approver",
    kind: "Deployment",
    description: "this release may not roll out, until the author revokes it",
  }),
  builtIn({
    name: "revoke",
    reason: "ApprovalRevoked",
    type: "Normal",
    message: "Revoked",
    component: "ci-approver",
    kind: "Deployment",
    description: "takes back what its author said of this release",
  }),
  builtIn({
    name: "break-glass",
    reason: "BreakGlass",
    type: "Warning",
    component: "ci-approver",
    kind: "Deployment",
    description: "lets one release through without approval; needs -m",
    needsMessage: true,
  }),
];

/**
 * What runbooks record. Pairs share a stem (`MaintenanceStarted`/`MaintenanceEnded`) so that one filter finds both; a
 * Warning is what a person on call should see in a list of warnings; none of the reasons is used by Kubernetes itself.
 */
export const runbookPresets: readonly Preset[] = [
  builtIn({
    name: "deployed",
    reason: "Deployed",
    type: "Normal",
    message: "Deployed",
    description: "a release is out",
  }),
  builtIn({
    name: "rolled-back",
    reason: "RolledBack",
    type: "Warning",
    message: "Rolled back",
    description: "a release was taken back",
  }),
  builtIn({ name: "tested", reason: "Tested", type: "Normal", message: "Tests passed", description: "tests passed" }),
  builtIn({
    name: "test-failed",
    reason: "TestFailed",
    type: "Warning",
    message: "Tests failed",
    description: "tests failed",
  }),
  builtIn({
    name: "maintenance-start",
    reason: "MaintenanceStarted",
    type: "Normal",
    message: "Maintenance started",
    description: "planned work has begun",
  }),
  builtIn({
    name: "maintenance-end",
    reason: "MaintenanceEnded",
    type: "Normal",
    message: "Maintenance ended",
    description: "planned work is over",
  }),
  builtIn({
    name: "incident-start",
    reason: "IncidentStarted",
    type: "Warning",
    message: "Incident started",
    description: "something is wrong and somebody is on it",
  }),
  builtIn({
    name: "incident-end",
    reason: "IncidentEnded",
    type: "Normal",
    message: "Incident ended",
    description: "it is over",
  }),
];

/** The presets that kev brings, in the order `kev presets` lists them. */
export const builtInPresets: readonly Preset[] = [...decisionPresets, ...runbookPresets];

/** Built-in presets with `own` over them, by name; the user's come last in the list. */
export function mergePresets(own: readonly Preset[]): Preset[] {
  const names = new Set(own.map((preset) => preset.name));
  return [...builtInPresets.filter((preset) => !names.has(preset.name)), ...own];
}

/** The preset of a decision reason (`Approval`, …), or undefined for any other reason. */
export function decisionOf(reason: string): Preset | undefined {
  return decisionPresets.find((preset) => preset.reason === reason);
}
