/** One step of the demo: what a person would say, then what they would type. */
export interface Step {
  say: string;
  /** A shell command; `kev` and `kubectl` are on its PATH. */
  run: string;
  /** The exit code that the story wants; default 0. */
  exit?: number;
}

const countedEvents = `node -e 'fetch("http://127.0.0.1:9192/metrics").then((page) => page.text()).then((text) => {
  console.log(text.match(/^kev_events_total.*/gm).join("\\n"));
})'`;

/**
 * The talk's story: emit, where the event shows up, a release that waits for its approval, events that go elsewhere, and what
 * writes them by itself.
 */
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
  { say: "From now on releases need an approval here", run: "kubectl label namespace prod requireApproval=true" },
  { say: "A new release", run: "kubectl set image deployment/ui-server nginx=nginx:1.28 -n prod" },
  { say: "It waits, and says so", run: "kev wait deploy/ui-server -n prod --for ApprovalRequired" },
  { say: "…in the talk's words, too", run: "kev events deploy/ui-server -n prod --reason ReplicaSetCreateError" },
  { say: "What waits, since when, and what to type", run: "kev gate status -n prod" },
  { say: "Approved: this release, not the next one", run: "kev emit approve ui-server -n prod" },
  {
    say: "It rolls out without a further touch",
    run: "kubectl wait --for=condition=kev.dev/Approved deployment/ui-server -n prod --timeout=30s",
  },
  { say: "Two releases, and their ReplicaSets", run: "kubectl get replicasets -n prod" },
  {
    say: "Events leave the cluster: a line of JSON each, for a log shipper",
    run: "timeout -s INT 3 kev route -n prod --state none --listen none 2>/dev/null | head -n 3 | cut -c1-160",
  },
  {
    say: "…counted for Prometheus, by what they say and how often it happened",
    run: `kev route -n prod --state none --listen 127.0.0.1:9192 >/dev/null 2>&1 & sleep 3; ${countedEvents}; kill $!`,
  },
  { say: "Where else they can go", run: "kev route sinks" },
  {
    say: "A command between two events, with what it last said to stderr",
    run: `kev run --on deploy/ui-server --reason Migration -n prod -- sh -c 'echo "no such table: users" >&2; exit 3'`,
    exit: 3,
  },
  { say: "A site, and nobody behind it", run: "kubectl create ingress ui --rule='ui.example.com/*=ui:80' -n prod" },
  {
    say: "Its ping fails: an outage is one event, however long it lasts",
    run: "timeout -s INT 5 kev probe http://127.0.0.1:9 --on ingress/ui -n prod --interval 1s --listen none 2>/dev/null; true",
  },
  { say: "…on the Ingress, where people look", run: "kubectl describe ingress ui -n prod | sed -n '/^Events:/,$p'" },
  {
    say: "Who changes what, while nobody looks",
    run: "kev track deployments -n prod --state none --listen none 2>/dev/null & sleep 3; kubectl scale deployment ui-server --replicas=3 -n prod; sleep 4; kill $!; wait",
  },
  {
    say: "…says the object itself",
    run: "kev events deploy/ui-server -n prod --component kev-track,kev -o custom-columns=REASON:.reason,MESSAGE:.message",
  },
];
