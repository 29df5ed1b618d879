/** One step of the demo: what a person would say, then what they would type. */
export interface Step {
  say: string;
  /** A shell command; `kev` and `kubectl` are on its PATH. */
  run: string;
  /** The exit code that the story wants; default 0. */
  exit?: number;
}

/** The talk's story, as far as kev tells it: emit, and where the event shows up. */
export const story: readonly Step[] = [
  { say: "A Deployment, as in any cluster", run: "kubectl create deployment ui-server --image=nginx:1.27 -n prod" },
  { say: "Somebody has tested it by hand, and says so", run: "kev emit approve ui-server -n prod" },
  { say: "It is an event like any other", run: "kubectl get events -n prod --field-selector reason=Approval" },
  {
    say: "…so it shows where people look",
    run: "kubectl describe deployment ui-server -n prod | sed -n '/^Events:/,$p'",
  },
  {
    say: "Any reason, on any object: a step of a runbook",
    run: 'kev emit SchemaMigrated deploy/ui-server -n prod -m "Migrated to version 42" --component release-runbook',
  },
  {
    say: "A job that fails every night is one event, counted up",
    run: 'for night in 1 2 3; do kev emit BackupFailed deploy/ui-server -n prod --type Warning -m "No space left" --key nightly; done',
  },
  { say: "All of it, as kubectl lists it", run: "kubectl events -n prod --for deployment/ui-server" },
  { say: "Nothing is reported that did not happen", run: "kev emit approve ui-sever -n prod", exit: 5 },
  { say: "…and nobody may who may not", run: "kev emit approve ui-server -n prod --as jane", exit: 4 },
];
