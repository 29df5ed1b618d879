import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { loadRouteConfig } from "../../../src/route/config/load-route-config.ts";
import type { RouteConfig } from "../../../src/route/config/route-config.ts";
import { convertEventExporterConfig } from "../../../src/route/convert/convert-event-exporter-config.ts";
import { createRouter } from "../../../src/route/rules/router.ts";
import type { Delivery } from "../../../src/sinks/delivery.ts";
import { sinkTypes } from "../../../src/sinks/registry.ts";
import { createCertificateAuthority } from "../../support/certificates.ts";
import { bareDelivery } from "../../support/sample-delivery.ts";
import { sinkServices } from "../../support/sink-services.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-convert-"));
  const { certificate, key } = await createCertificateAuthority();
  for (const [name, text] of Object.entries({ "ca.pem": certificate, "client.pem": certificate, "client.key": key })) {
    await writeFile(join(folder, name), text);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const env = {
  ...{ HOOK: "https://hooks.example.com/a", SLACK_WEBHOOK: "https://hooks.example.com/b", KEY: "k3y-of-elastic" },
  ...{ BROKERS: "kafka", KAFKA_BROKERS_0: "kafka:9092", HOOK_HEADERS_AUTHORIZATION: "Bearer token" },
  ...{ HOOK_LAYOUT_CLUSTER: "cluster eu", STAGE: "prod" },
};

/** The routing file and what is said of it; the file must have no problem. */
async function convert(text: string): Promise<{ file: string; said: string; config: RouteConfig }> {
  const { text: file, differences } = convertEventExporterConfig(text, { path: "config.yaml", env });
  const services = sinkServices({ env, cwd: folder });
  const config = await loadRouteConfig(file, { path: "routes.yaml", sinkTypes, services });
  const said = differences.map(({ where, text: what }) => `${where}: ${what}\n`).join("");
  return { file: file.replace(/^# .*\n/, ""), said, config };
}

/** Said of every config. */
const always = `maxEventAgeSeconds: is left out: events older than 5s are sent, too; what was sent before is known, and --from-now leaves out what is there at the very first start
`;
const atTheEnd = `: repeats: first sends an event once, as kubernetes-event-exporter does; repeats: all sends it each time it is counted up
: what a receiver does not take is sent again until it does, in order; kubernetes-event-exporter sends it once
`;

describe("a config of kubernetes-event-exporter", () => {
  test("that sends everything to stdout", async () => {
    const { file, said } = await convert(
      "logLevel: error\nlogFormat: json\nclusterName: eu\nroute: {routes: [{match: [{receiver: dump}]}]}\nreceivers: [{name: dump, stdout: {}}]",
    );
    expect(file).toBe(`cluster: eu
routes:
  - sinks:
      - dump
    repeats: first
sinks:
  dump:
    type: stdout
`);
    expect(said).toBe(`logLevel: is left out: kev logs to stderr what is wrong, and says the rest by its metrics
logFormat: is left out: kev logs to stderr, in one form
${always}receiver "dump": layout: what is sent has kev's form, which kev route test shows
${atTheEnd}`);
  });

  test("in a ConfigMap", async () => {
    const { file } = await convert(`apiVersion: v1
kind: ConfigMap
metadata: {name: event-exporter-cfg}
data:
  config.yaml: |
    route:
      match: [{receiver: dump}]
    receivers: [{name: dump, stdout: {}}]
`);
    expect(file).toBe("routes:\n  - sinks:\n      - dump\n    repeats: first\nsinks:\n  dump:\n    type: stdout\n");
  });

  test("with a tree of routes", async () => {
    const { file, said } = await convert(`
maxEventAgeSeconds: 60
kubeQPS: 60
kubeBurst: 60
namespace: prod
omitLookup: true
cacheSize: 2048
leaderElection: {enabled: true, leaderElectionID: exporter}
metricsNamePrefix: event_exporter_
nonsense: 1
route:
  routes:
    - match: [{receiver: everything}]
    - match: [{receiver: alerts}, {receiver: audit}]
      drop:
        - namespace: "*test*"
        - type: Normal
          minCount: 5
          apiVersion: beta
    - match:
        - kind: Pod|Deployment
          labels: {version: dev, team: ""}
          receiver: alerts
      routes:
        - match: [{reason: ^BackOff$, namespace: "\${STAGE}", component: kubelet, receiver: nobody}, {host: node, receiver: audit}]
    - match: [{message: "(", receiver: alerts}]
      routes: [{match: [{receiver: audit}]}]
    - match: [{kind: Pod}, {reason: Failed, receiver: audit}, {kind: Job, message: a.b}]
      routes: [{drop: [{}], match: [{receiver: audit}]}, {match: [{receiver: alerts}]}]
receivers:
  - {name: everything, stdout: {}}
  - {name: alerts, stdout: {deDot: true}}
  - {name: audit, opsgenie: {apiKey: x}}
  - {name: unused, stdout: {}}
`);
    expect(file).toBe(`objects:
  cache: 2048
routes:
  - sinks:
      - everything
    repeats: first
  - drop:
      - type: Normal
        minCount: 5
        apiVersion: /.*beta.*/
    sinks:
      - alerts
      - audit
    repeats: first
  - match:
      kind: /.*(?:Pod|Deployment).*/
      labels:
        version: /.*dev.*/
        team:
          exists: true
    sinks:
      - alerts
    repeats: first
    routes:
      - match:
          host: /.*node.*/
        sinks:
          - audit
        repeats: first
  - match:
      reason: /.*Failed.*/
    sinks:
      - audit
    repeats: first
  - match:
      kind: /.*Pod.*/
    routes:
      - match:
          reason: /.*Failed.*/
          kind: /.*Job.*/
          message: /.*(?-s:a.b).*/
        routes:
          - sinks:
              - alerts
            repeats: first
sinks:
  everything:
    type: stdout
  alerts:
    type: stdout
  audit:
    type: stdout
`);
    expect(said).toBe(`kubeQPS: is left out: kev has one watch, and reads an object once in objects.maxAge
kubeBurst: is left out: kev has one watch, and reads an object once in objects.maxAge
namespace: is a flag: kev route -n prod
omitLookup: is left out: objects are read where a route or a template asks for them, only
leaderElection: is a flag: kev route --leader-elect --leader-elect-resource-name exporter
metricsNamePrefix: is left out: the metrics are kev's own
nonsense: is left out: kubernetes-event-exporter does not know it
maxEventAgeSeconds: is left out: events older than 60s are sent, too; what was sent before is known, and --from-now leaves out what is there at the very first start
receiver "everything": layout: what is sent has kev's form, which kev route test shows
receiver "alerts": layout: what is sent has kev's form, which kev route test shows
receiver "alerts": deDot: is left out: labels and annotations keep the dots in their names
receiver "audit": kev has no sink of type opsgenie: its events go to stdout until you choose another
receiver "unused": layout: what is sent has kev's form, which kev route test shows
route.routes[1].drop[0].namespace: "*test*" is not a regular expression (missing argument to repetition operator: \`*\`), so that this rule never holds
route.routes[2].routes[0].match[0].namespace: variables stand under sinks only: STAGE was filled in
route.routes[2].routes[0].match[0].component: is the reporting component as well, where the source has none
route.routes[2].routes[0].match[0].receiver: there is no receiver "nobody": nothing is sent to it
route.routes[3].match[0].message: "(" is not a regular expression (missing closing ): \`(\`), so that this rule never holds
route.routes[3].routes: is left out: a rule of match never holds, and all of them would have to
route.routes[3]: is left out: it sends nothing
route.routes[4].routes[0].drop[0]: drops everything, so that its route is left out
receiver "alerts": gets an event once, by however many routes it comes
receiver "audit": gets an event once, by however many routes it comes
receiver "unused": is left out: no route leads to it
minCount: holds once an event has been counted so far; kubernetes-event-exporter looks once, when the event is new
: repeats: first sends an event once, as kubernetes-event-exporter does; repeats: all sends it each time it is counted up
: what a receiver does not take is sent again until it does, in order; kubernetes-event-exporter sends it once
`);
  });

  test("with each receiver that kev has a sink for", async () => {
    const receivers = `
  - name: hook
    webhook:
      endpoint: \${HOOK}
      headers: {X-Reason: "{{ .Reason }}", Authorization: "Bearer \${TOKEN}", User-Agent: exporter}
      tls: {insecureSkipVerify: true, serverName: other, caFile: ca.pem}
      streamName: x
      layout:
        at: "{{ .GetTimestampMs }}"
        cluster: "cluster \${NAME}"
        details: {count: "{{ .Count }}", labels: "{{ toJson .InvolvedObject.Labels }}", list: ["{{ .Type }}", 1, true]}
        text: "{{ if .Reason }}{{ .Reason }}{{ end }}"
  - name: plain hook
    webhook: {endpoint: https://example.com/x}
  - name: chat
    slack:
      token: xoxb-secret
      channel: "@{{ .InvolvedObject.Labels.owner }}"
      message: "{{ .Message }}"
      color: red
      title: "{{ .Reason }}"
      author_name: me
      footer: "{{ .ClusterName }}"
      fields: {reason: "{{ .Reason }}", namespace: "{{ .Namespace }}"}
  - name: teams
    teams: {endpoint: https://example.com/teams, layout: {a: b}}
  - name: logs
    loki:
      url: http://loki:3100/loki/api/v1/push
      headers: {X-Scope-OrgID: tenant, X-Reason: "{{ .Reason }}"}
      streamLabels: {app: events}
      tls: {certFile: client.pem, keyFile: client.key}
      layout: {a: b}
  - name: search
    elasticsearch:
      hosts: [https://user:p%40ss@search:9200, http://other:9200]
      indexFormat: kube-events-{2006-01-02}
      useEventID: true
      deDot: true
      type: kube-event
      headers: {X-A: b}
      layout: {a: b}
  - name: cloud
    elasticsearch: {cloudID: "prod:${Buffer.from("eu.example.com$abc$def").toString("base64")}", apiKey: "\${KEY}", index: events, indexFormat: "e-{2006-1-2}"}
  - name: open
    opensearch: {hosts: [http://open:9200], index: events, username: a, password: b}
  - name: kafka
    kafka:
      clientId: kubernetes
      topic: events
      brokers: ["\${BROKERS}:9092"]
      compressionCodec: snappy
      version: 2.0.0
      tls: {enable: true, caFile: ca.pem}
      sasl: {enable: true, username: me, password: secret, mechanism: sha512}
      layout: {a: b}
  - name: quiet-kafka
    kafka: {topic: events, brokers: [a:9092], compressionCodec: gzip, tls: {enable: false, caFile: none.pem}, sasl: {enable: false}}
  - {name: files, file: {path: events.log, maxsize: 10, maxage: 3, maxbackups: 2, layout: {a: b}}}
  - {name: one-file, file: {path: all.log}}
  - {name: piped, pipe: {path: /dev/stdout}}
  - {name: error, pipe: {path: /dev/stderr}}
  - {name: fifo, pipe: {path: out.jsonl}}
  - {name: bus, kinesis: {streamName: x}, stdout: {}}
  - {name: bus, stdout: {}}
  - {name: none}
`;
    const names = [...receivers.matchAll(/- \{?name: ([\w -]+)/g)].map(([, name]) => `{receiver: ${name?.trim()}}`);
    const { file, said } = await convert(`route: {match: [${names.join(", ")}]}\nreceivers:${receivers}`);
    expect(file).toBe(`objects:
  read: true
routes:
  - sinks:
      - hook
      - plain-hook
      - chat
      - teams
      - logs
      - search
      - cloud
      - open
      - kafka
      - quiet-kafka
      - files
      - one-file
      - piped
      - error
      - fifo
      - bus
      - none
    repeats: first
sinks:
  hook:
    type: webhook
    url:
      fromEnv: HOOK
    headers:
      X-Reason: "{{ event.reason }}"
      Authorization:
        fromEnv: HOOK_HEADERS_AUTHORIZATION
      User-Agent: exporter
    body:
      at: '{{ event.firstTimestamp | default: event.eventTime | date: "%s%L" }}'
      cluster:
        fromEnv: HOOK_LAYOUT_CLUSTER
      details:
        count: '{{ count | append: "" }}'
        labels: "{{ object.labels | json }}"
        list:
          - "{{ event.type }}"
          - 1
          - true
      text: "{% raw %}{{ if .Reason }}{{ .Reason }}{{ end }}{% endraw %}"
    tls:
      caFile: ca.pem
      insecureSkipVerify: true
  plain-hook:
    type: webhook
    url: https://example.com/x
    body: "{{ event | json }}"
  chat:
    type: slack
    url:
      fromEnv: SLACK_WEBHOOK
    title: "{{ event.message }}"
    text: |-
      *{{ event.reason }}*
      *namespace*: {{ event.metadata.namespace }}
      *reason*: {{ event.reason }}
    footer: "{{ cluster.name }}"
    channel: "@{{ object.labels.owner }}"
  teams:
    type: webhook
    url: https://example.com/teams
    body:
      summary: event
      text: |-
        Event: {{ event.message }}
        Status: {{ event.reason }}
  logs:
    type: loki
    url: http://loki:3100/loki/api/v1/push
    tenant: tenant
    labels:
      app: events
    headers:
      X-Reason: "{{ .Reason }}"
    tls:
      certFile: client.pem
      keyFile: client.key
  search:
    type: elasticsearch
    url: https://search:9200/
    index: 'kube-events-{{ time | date: "%Y-%m-%d" }}'
    basicAuth:
      username: user
      password: p@ss
    headers:
      X-A: b
  cloud:
    type: elasticsearch
    url: https://abc.eu.example.com
    index: 'e-{{ time | date: "%Y.%m.%d" }}'
    apiKey:
      fromEnv: KEY
  open:
    type: elasticsearch
    url: http://open:9200
    index: events
    basicAuth:
      username: a
      password: b
  kafka:
    type: kafka
    brokers:
      - fromEnv: KAFKA_BROKERS_0
    topic: events
    key: "{{ event.metadata.uid }}"
    tls:
      caFile: ca.pem
    sasl:
      mechanism: scram-sha-512
      username: me
      password: secret
  quiet-kafka:
    type: kafka
    brokers:
      - a:9092
    topic: events
    key: "{{ event.metadata.uid }}"
    compression: gzip
  files:
    type: file
    path: events.log
    maxSize: 10MiB
    keep: 2
  one-file:
    type: file
    path: all.log
  piped:
    type: stdout
  error:
    type: stdout
  fifo:
    type: file
    path: out.jsonl
  bus:
    type: stdout
  none:
    type: stdout
`);
    expect(
      said,
    ).toBe(`maxEventAgeSeconds: is left out: events older than 5s are sent, too; what was sent before is known, and --from-now leaves out what is there at the very first start
receiver "hook": layout.cluster: a value comes from a variable as a whole: set HOOK_LAYOUT_CLUSTER to cluster \${NAME}
receiver "hook": layout.details.list[1]: is sent as it is; kubernetes-event-exporter sends null for what is no text
receiver "hook": layout.details.list[2]: is sent as it is; kubernetes-event-exporter sends null for what is no text
receiver "hook": layout.text: this Go template is sent as it stands, to be written anew in Liquid: {{ if .Reason }}
receiver "hook": headers.Authorization: a value comes from a variable as a whole: set HOOK_HEADERS_AUTHORIZATION to Bearer \${TOKEN}
receiver "hook": tls.serverName: is left out: the certificate must be for the name in the address
receiver "hook": streamName: is left out: kubernetes-event-exporter does not know it
receiver "plain hook": is called "plain-hook": names are letters, digits, "-", "_" and "."
receiver "plain hook": layout: the body is the event; it has no clusterName, and no labels and annotations of the object
receiver "chat": token: is left out: kev posts to an incoming webhook: make one, and set SLACK_WEBHOOK to its address
receiver "chat": color: is left out: it is the colour of the event's type
receiver "chat": author_name: is left out: write it into title or text
receiver "chat": channel: a webhook may have one channel only, and no other
receiver "chat": fields: are lines of text
receiver "teams": layout: is left out: write the text of the message under body
receiver "logs": layout: what is sent has kev's form, which kev route test shows
receiver "logs": entries have the time of the event, not of sending, so that one that comes twice is one
receiver "logs": headers.X-Reason: is sent as it stands: headers for Loki are no templates
receiver "search": hosts: kev sends to the first one: give the address of what is before them
receiver "search": layout: what is sent has kev's form, which kev route test shows
receiver "search": deDot: is left out: labels and annotations keep the dots in their names
receiver "search": type: is left out: servers have no types of documents any more
receiver "search": useEventID: is left out: the id of a document is always that of the change, uid and resourceVersion
receiver "search": hosts: user and password of the address are under basicAuth
receiver "search": indexFormat: is made from the time of the event, not of sending
receiver "cloud": layout: what is sent has kev's form, which kev route test shows
receiver "cloud": indexFormat: the date 2006-1-2 is one that kev cannot write: the index has the day
receiver "cloud": indexFormat: is made from the time of the event, not of sending
receiver "open": layout: what is sent has kev's form, which kev route test shows
receiver "kafka": layout: what is sent has kev's form, which kev route test shows
receiver "kafka": clientId: is left out: it is kev's own
receiver "kafka": version: is left out: it is agreed on with the brokers
receiver "kafka": compressionCodec: is left out: kev knows gzip and none, not snappy
receiver "kafka": brokers.0: a value comes from a variable as a whole: set KAFKA_BROKERS_0 to \${BROKERS}:9092
receiver "quiet-kafka": layout: what is sent has kev's form, which kev route test shows
receiver "files": layout: what is sent has kev's form, which kev route test shows
receiver "files": maxage: is left out: files are kept by their number (keep), not by days
receiver "one-file": layout: what is sent has kev's form, which kev route test shows
receiver "one-file": maxbackups: is 5 (keep) where nothing is said, not as many as there are
receiver "piped": layout: what is sent has kev's form, which kev route test shows
receiver "error": layout: what is sent has kev's form, which kev route test shows
receiver "error": path: kev writes to files and stdout: its events go to stdout
receiver "fifo": layout: what is sent has kev's form, which kev route test shows
receiver "fifo": is a file: kev adds to it, and does not empty it at its start
receiver "bus": kinesis: is left out: kubernetes-event-exporter looks at one type only, and at types that it knows
receiver "bus": layout: what is sent has kev's form, which kev route test shows
receiver "bus": is there twice: the first one counts
receiver "none": kev has no sink of type none: its events go to stdout until you choose another
: repeats: first sends an event once, as kubernetes-event-exporter does; repeats: all sends it each time it is counted up
: what a receiver does not take is sent again until it does, in order; kubernetes-event-exporter sends it once
`);
  });

  test.each([
    ["a: b", "config.yaml is no config of kubernetes-event-exporter: it has no route"],
    ["", "config.yaml is no config of kubernetes-event-exporter: it has no route"],
    ["route: {}", "config.yaml sends nothing anywhere"],
    ["route: {}\n---\nroute: {}", "config.yaml has more than one document"],
    [
      "route: {drop: [{}], match: [{receiver: a}]}\nreceivers: [{name: a, stdout: {}}]",
      "config.yaml sends nothing anywhere",
    ],
    ["kind: ConfigMap\ndata: {a: b, c: d}", "config.yaml: a ConfigMap with one file was expected"],
  ])("%j is none", (text, message) => {
    expect(() => convertEventExporterConfig(text, { path: "config.yaml", env })).toThrow(message);
  });
});

interface ExporterRule {
  kind?: string;
  reason?: string;
  namespace?: string;
  labels?: Record<string, string>;
  minCount?: number;
  receiver?: string;
}
interface ExporterRoute {
  drop?: ExporterRule[];
  match?: ExporterRule[];
  routes?: ExporterRoute[];
}

/** What kubernetes-event-exporter does with its rules, in few words. */
function holds(rule: ExporterRule, { event, count, object }: Delivery): boolean {
  const found = (pattern: string | undefined, value = ""): boolean => {
    if (!pattern) return true;
    try {
      return RE2JS.compile(pattern).test(value);
    } catch {
      return false;
    }
  };
  return (
    found(rule.kind, event.involvedObject.kind) &&
    found(rule.reason, event.reason) &&
    found(rule.namespace, event.metadata.namespace) &&
    Object.entries(rule.labels ?? {}).every(([key, pattern]) => {
      const value = object?.labels[key];
      return value !== undefined && found(pattern, value);
    }) &&
    count >= (rule.minCount ?? 0)
  );
}

function receiversOf(route: ExporterRoute, delivery: Delivery): string[] {
  if (route.drop?.some((rule) => holds(rule, delivery))) return [];
  const matched = (route.match ?? []).filter((rule) => holds(rule, delivery));
  const direct = matched.flatMap(({ receiver }) => (receiver === undefined ? [] : [receiver]));
  if (matched.length < (route.match ?? []).length) return direct;
  return [...direct, ...(route.routes ?? []).flatMap((inner) => receiversOf(inner, delivery))];
}

test("what is converted sends events where kubernetes-event-exporter would", async () => {
  const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined });
  const rule: fc.Arbitrary<ExporterRule> = fc.record(
    {
      kind: fc.constantFrom("Pod", "^Pod$", "Pod|Node", "", "Job"),
      reason: fc.constantFrom("Fail", "^BackOff", "Killed$", "*bad*"),
      namespace: fc.constantFrom("prod", "^kube-", "a.*d"),
      labels: fc.constantFrom({ app: "ui" }, { app: "" }, { team: "x" }, {}),
      minCount: fc.constantFrom(0, 2, 5),
      receiver: fc.constantFrom("a", "b", "c", "missing"),
    },
    { requiredKeys: [] },
  );
  const { route } = fc.letrec<{ route: ExporterRoute }>((tie) => ({
    route: fc.record(
      {
        drop: optional(fc.array(rule, { maxLength: 2 })),
        match: fc.array(rule, { maxLength: 3 }),
        routes: optional(fc.array(tie("route"), { maxLength: 2, depthIdentifier: "routes" })),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<ExporterRoute>,
  }));
  const delivery = fc
    .record({
      kind: fc.constantFrom("Pod", "PodMetrics", "Node", "Job"),
      reason: fc.constantFrom("BackOff", "Failed", "Killed", "*bad*"),
      namespace: fc.constantFrom("prod", "kube-system", "acid", "default"),
      labels: fc.constantFrom({ app: "ui" }, { app: "api" }, { team: "x", app: "" }, {}),
      count: fc.constantFrom(1, 2, 9),
    })
    .map(({ kind, reason, namespace, labels, count }): Delivery => {
      const { event, ...rest } = bareDelivery("e", { reason, involvedObject: { kind } });
      const metadata = { ...event.metadata, namespace };
      return { ...rest, count, event: { ...event, metadata }, object: { labels, annotations: {}, owners: [] } };
    });
  const receivers = ["a", "b", "c"].map((name) => ({ name, stdout: {} }));
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(route, fc.array(delivery, { minLength: 1, maxLength: 5 }), async (tree, deliveries) => {
      const text = JSON.stringify({ route: tree, receivers });
      const expected = deliveries.map((one) => new Set(receiversOf(tree, one).filter((name) => name !== "missing")));
      let config: RouteConfig | undefined;
      try {
        ({ config } = await convert(text));
      } catch (error) {
        if (!String(error).includes("sends nothing anywhere")) throw error;
      }
      const router = config && createRouter(config);
      const found = deliveries.map((one) => new Set(router?.route(one).map(({ sink }) => sink)));
      expect({ tree, found }).toEqual({ tree, found: expected });
      compared += router ? 1 : 0;
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(100);
});
