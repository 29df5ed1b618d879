export type { Config } from "./config/config.ts";
export { type LoadConfigOptions, loadConfig } from "./config/load-config.ts";
export type { EventContent } from "./events/build-event.ts";
export { buildEvent, checkContent } from "./events/build-event.ts";
export { type CombinedEvent, type CorrelationOptions, type Correlator, createCorrelator } from "./events/correlate.ts";
export { decisionAnnotation, decisionAnnotations } from "./events/decision.ts";
export type { EventType, KubeEvent, KubeObject, ObjectMeta, ObjectReference } from "./events/event.ts";
export { type CompiledFilters, compileFilters, type FilterNames, type FilterTexts } from "./events/filter.ts";
export { limits } from "./events/limits.ts";
export * from "./events/match.ts";
export { referenceTo } from "./events/object-reference.ts";
export { type Occurrences, occurrencesOf } from "./events/occurrences.ts";
export type { Preset } from "./events/presets.ts";
export { builtInPresets, mergePresets } from "./events/presets.ts";
export { templateDigest } from "./events/template-digest.ts";
export type { AdmissionServer, AdmissionServerOptions } from "./gate/admission-server.ts";
export { startAdmissionServer } from "./gate/admission-server.ts";
export { type Bind, type DecideOptions, decide, type Verdict } from "./gate/decide.ts";
export { type DecisionPolicyOptions, decisionPolicy } from "./gate/decision-policy.ts";
export { createGate, type Gate, type GateOptions, type Readiness } from "./gate/gate.ts";
export type { GateCertificate, IssuerReference } from "./gate/gate-certificate.ts";
export { type GateInstallOptions, gateManifests, type InClusterGate, type OutsideGate } from "./gate/gate-manifests.ts";
export { type DecisionSummary, type GateStatusOptions, gateStatus, type ReleaseStatus } from "./gate/gate-status.ts";
export { type GateWebhookOptions, gateWebhook } from "./gate/gate-webhook.ts";
export type { GateWorkloadOptions } from "./gate/gate-workload.ts";
export { createJudge, type GateRules, type Judge, type Judgement, type KnownDecisions } from "./gate/judge.ts";
export { type Release, releaseOfDeployment, releaseOfReplicaSet } from "./gate/release.ts";
export { ApiError } from "./kube/api-error.ts";
export type { StreamingConnection } from "./kube/connect.ts";
export { connect } from "./kube/connect.ts";
export type { ConnectOptions, RequestReport } from "./kube/connect-options.ts";
export type { ApiRequest, Connection } from "./kube/connection.ts";
export type { PodOptions } from "./kube/install-parts.ts";
export { type HoldLeaseOptions, holdLease, type Leadership, LeaseLostError } from "./kube/lease.ts";
export type { FailedStep, SyncedStep } from "./kube/list-watch/list-watch-step.ts";
export { readClusterUid } from "./kube/read-cluster-uid.ts";
export { createTypeResolver, type TypeResolver, type TypeResolverOptions } from "./kube/resolve-type.ts";
export type { ResourceType } from "./kube/resource-type.ts";
export { UnreachableError } from "./kube/unreachable-error.ts";
export { type MetricsServer, type MetricsServerOptions, startMetricsServer } from "./metrics/metrics-server.ts";
export { type MonitoringPagesOptions, monitoringPage, type Page } from "./metrics/monitoring-pages.ts";
export type { ListenAddress } from "./metrics/parse-listen.ts";
export { type CheckServices, createCheck } from "./probe/check/check-target.ts";
export {
  createSiteAgents,
  type SiteAgents,
  type SiteAgentsOptions,
  type SiteRoute,
} from "./probe/check/site-agents.ts";
export { combineProbeObservers } from "./probe/combine-probe-observers.ts";
export { defaultSettings as defaultCheckSettings, type TextMatcher } from "./probe/config/check-settings.ts";
export { type LoadProbeConfigOptions, loadProbeConfig } from "./probe/config/load-probe-config.ts";
export { targetUrl } from "./probe/config/parse-target-url.ts";
export { type ProbeFileNeeds, probeFileNeeds } from "./probe/install/probe-file-needs.ts";
export { type ProbedObject, type ProbeManifestsOptions, probeManifests } from "./probe/install/probe-manifests.ts";
export { createProbeMetrics, type ProbeMetrics } from "./probe/metrics/probe-metrics.ts";
export { createProbe, type Probe, type ProbeOptions } from "./probe/probe.ts";
export { type ProbeReason, probeReasons } from "./probe/probe-events.ts";
export type { ProbeObserver, ProbeStatus, TargetStatus } from "./probe/probe-observer.ts";
export { type ProbeOnceOptions, probeOnce } from "./probe/probe-once.ts";
export { initialState, type Outage, type StateChange, stepState, type TargetState } from "./probe/probe-state.ts";
export type {
  Check,
  CheckResult,
  CheckSettings,
  ProbeEntry,
  ProbeTarget,
  SeenCertificate,
  TargetTls,
  TargetUrl,
} from "./probe/target.ts";
export type { EventStep, FollowEventsOptions, FollowStep } from "./read/follow-events.ts";
export { followEvents } from "./read/follow-events.ts";
export type { EventScope, ListEventsOptions } from "./read/list-events.ts";
export { listEvents } from "./read/list-events.ts";
export type { OwnedByOptions, OwnedEvent, OwnershipTree } from "./read/owned-by.ts";
export { ownedBy } from "./read/owned-by.ts";
export type { WaitForEventOptions, WaitResult } from "./read/wait-for-event.ts";
export { waitForEvent } from "./read/wait-for-event.ts";
export { checkEventRights, type EventRights } from "./record/check-event-rights.ts";
export type { EmitInput, ObjectName } from "./record/emit.ts";
export { emit } from "./record/emit.ts";
export type { EmitAllInput, EmitOutcome, EmitTargets } from "./record/emit-all.ts";
export { emitAll } from "./record/emit-all.ts";
export type { BatchEntry, BatchLine, BatchOutcome, EmitBatchInput } from "./record/emit-batch.ts";
export { emitBatch } from "./record/emit-batch.ts";
export type { EmitContent, EmitSettings } from "./record/emit-options.ts";
export {
  createEventRecorder,
  type EventRecorder,
  type EventRecorderOptions,
  type FlushOptions,
  type RecordContent,
} from "./record/event-recorder.ts";
export { checkInput } from "./record/prepare-emission.ts";
export type { RecordedObject, RecordedReference } from "./record/recorded-object.ts";
export type {
  DropReason,
  LostRecord,
  RecorderCounts,
  RecorderReport,
  RecordOutcome,
  RecordSummary,
  WaitingRecord,
} from "./record/recorder-ledger.ts";
export type { ContentDefaults, ContentInput, ResolvedContent } from "./record/resolve-content.ts";
export { combineObservers } from "./route/combine-observers.ts";
export { defaultRouteConfig } from "./route/config/default-route-config.ts";
export { describeSink, type SinkDescription } from "./route/config/describe-sink.ts";
export { type LoadRouteConfigOptions, loadRouteConfig } from "./route/config/load-route-config.ts";
export type {
  Condition,
  DeliveryPolicy,
  ObjectsConfig,
  Repeats,
  RouteConfig,
  RouteNode,
  Rule,
  SinkConfig,
} from "./route/config/route-config.ts";
export type { SinkField } from "./route/config/sink-fields.ts";
export {
  type ConvertEventExporterOptions,
  type ConvertedConfig,
  convertEventExporterConfig,
} from "./route/convert/convert-event-exporter-config.ts";
export type { Difference } from "./route/convert/differences.ts";
export { createSinks } from "./route/delivery/create-sinks.ts";
export { withDeadLetters } from "./route/delivery/with-dead-letters.ts";
export { type RouteManifestsOptions, routeManifests } from "./route/install/route-manifests.ts";
export type { ObjectResources } from "./route/install/route-rbac.ts";
export type { RouteWorkloadOptions } from "./route/install/route-workload.ts";
export { type RoutingFileNeeds, routingFileNeeds } from "./route/install/routing-file-needs.ts";
export { type AlertRule, type AlertRuleGroups, alertRules, alertRulesYaml } from "./route/metrics/alert-rules.ts";
export type { Compat } from "./route/metrics/compat-metrics.ts";
export { routeDashboard } from "./route/metrics/route-dashboard.ts";
export { createRouteMetrics, type RouteMetrics, type RouteMetricsOptions } from "./route/metrics/route-metrics.ts";
export { createEventRouting, type EventRouting, type RouteEventsOptions } from "./route/route-events.ts";
export type { RouteObserver, RouteStatus, SinkStatus } from "./route/route-observer.ts";
export {
  type ConditionExplanation,
  explainRoutes,
  type NodeExplanation,
  type RoutesExplanation,
  type RuleExplanation,
} from "./route/rules/explain-routes.ts";
export { factsOf, readDeliveries, readObjects } from "./route/rules/read-deliveries.ts";
export { createRouter } from "./route/rules/router.ts";
export type { Router, Target } from "./route/rules/router-contract.ts";
export { type TriedDelivery, type TriedSink, tryRoutes } from "./route/rules/try-routes.ts";
export { createMemoryStore } from "./route/store/memory-store.ts";
export { openPostgresStore, type PostgresStoreOptions } from "./route/store/postgres-store.ts";
export type * from "./route/store/route-store.ts";
export { openSqliteStore } from "./route/store/sqlite-store.ts";
export type { Mask } from "./run/masking.ts";
export { exitStatusOf, type Outcome } from "./run/outcome.ts";
export type { ProcessSignals } from "./run/process-signals.ts";
export type { StderrTarget } from "./run/run-command.ts";
export type { RunWithEventsOptions } from "./run/run-options.ts";
export { type LostEvent, type RunResult, runWithEvents } from "./run/run-with-events.ts";
export { defineSink } from "./sinks/define-sink.ts";
export type { Cluster, Delivery, ObjectFacts } from "./sinks/delivery.ts";
export { findSinkType, sinkTypes } from "./sinks/registry.ts";
export { SendError, type SendErrorOptions } from "./sinks/send-error.ts";
export {
  allTaken,
  type BatchLimits,
  type Refusal,
  type SendResult,
  type Sink,
  type SinkServices,
  type SinkType,
} from "./sinks/sink.ts";
export { systemServices } from "./sinks/system-services.ts";
export { StoreError } from "./store/store-error.ts";
export { type TrackManifestsOptions, trackManifests } from "./track/install/track-manifests.ts";
export { createMemoryTrackStore } from "./track/memory-track-store.ts";
export { openSqliteTrackStore } from "./track/sqlite-track-store.ts";
export { createTrackMetrics, type TrackMetrics, type TrackMetricsOptions } from "./track/track-metrics.ts";
export { createObjectTracking, type ObjectTracking, type TrackObjectsOptions } from "./track/track-objects.ts";
export {
  type ChangeVerb,
  combineTrackObservers,
  type TrackObserver,
  type TrackStatus,
} from "./track/track-observer.ts";
export type * from "./track/track-store.ts";
export { resolveTrackedTypes, type TrackedType } from "./track/tracked-types.ts";
export type { Author, EntryTimes } from "./track/who-changed.ts";
export type { Clock, SteadyClock } from "./util/clock.ts";
export { systemClock } from "./util/clock.ts";
export type { FailureKind } from "./util/errors.ts";
export { exitCodes, KevError } from "./util/errors.ts";
export { InterruptedError } from "./util/interrupted-error.ts";
export { version } from "./version.ts";
