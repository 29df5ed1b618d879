import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Command } from "commander";
import { runRouteCheck } from "../../src/cli/run-route-check.ts";
import { runRouteConvert } from "../../src/cli/run-route-convert.ts";
import { runRouteSinks } from "../../src/cli/run-route-sinks.ts";
import { runRouteTest } from "../../src/cli/run-route-test.ts";
import { routeCheckCommand } from "../../src/commands/route-check.ts";
import { routeConvertCommand } from "../../src/commands/route-convert.ts";
import { routeSinksCommand } from "../../src/commands/route-sinks.ts";
import { routeTestCommand } from "../../src/commands/route-test.ts";
import { sinkTypes } from "../../src/sinks/registry.ts";
import { KevError } from "../../src/util/errors.ts";
import { type FakeContext, fakeContext, stdinOf } from "../support/fake-context.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";

let folder: string;

const routes = `
cluster: prod-eu
routes:
  - name: failures
    match: { type: Warning, namespace: { not: kube-system } }
    drop: [ { reason: Pulled }, { labels.quiet: "true" } ]
    sinks: [loki]
    repeats: every 1h30m
    routes:
      - match: { minCount: 5 }
        sinks: [out]
sinks:
  out: { type: stdout }
  loki: { type: loki, url: http://loki.example.com, line: logfmt, structuredMetadata: false, tenant: { fromFile: tenant } }
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-route-"));
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await write("routes.yaml", routes);
  await write("tenant", "platform-tenant\n");
  await write("event.json", JSON.stringify(storedEvent()));
  await write(
    "pod.yaml",
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: ui-server-7d4b9c-x2x7k\n  labels: {quiet: 'no'}\n",
  );
  await write("wrong.yaml", "routes: [{ sinks: out, matches: {} }]\nsinks: { out: { type: stdotu } }\n");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const context = (stdin?: string): FakeContext =>
  fakeContext({ cwd: folder, ...(stdin !== undefined && { stdin: stdinOf(stdin) }) });

async function failure(run: Promise<unknown>): Promise<{ line: string; hint: string | undefined; code: number }> {
  try {
    await run;
  } catch (error) {
    if (error instanceof KevError) return { line: error.line, hint: error.hint, code: error.exitCode };
    throw error;
  }
  throw new Error("It did not fail");
}

describe("kev route check", () => {
  test("says what a file without problems has", async () => {
    const where = context();
    expect(await runRouteCheck({ filename: "routes.yaml" }, where)).toBe(0);
    expect(where.stdout.text).toBe("routes.yaml: 2 routes, 2 sinks, no problems\n");
    expect(where.stderr.text).toBe("");
  });

  test("reads standard input", async () => {
    const where = context("routes: [{sinks: out}]\nsinks: {out: {type: stdout}}");
    expect(await runRouteCheck({ filename: "-" }, where)).toBe(0);
    expect(where.stdout.text).toBe("STDIN: 1 route, 1 sink, no problems\n");
  });

  test("fails with every problem", async () => {
    expect(await failure(runRouteCheck({ filename: "wrong.yaml" }, context()))).toEqual({
      line: `wrong.yaml:1:24: unknown key "matches" in routes[0], did you mean "match"?
wrong.yaml:2:23: there is no sink of type "stdotu", did you mean "stdout"?`,
      hint: undefined,
      code: 2,
    });
  });

  test("needs a file that is there", async () => {
    expect((await failure(runRouteCheck({}, context()))).line).toBe('error: required flag(s) "filename" not set');
    expect((await failure(runRouteCheck({ filename: "none.yaml" }, context()))).line).toBe(
      "error: open none.yaml: no such file or directory",
    );
  });
});

describe("kev route test", () => {
  test("says which routes an event enters, why, and what each sink would get", async () => {
    const where = context();
    expect(await runRouteTest({ filename: "routes.yaml", events: ["event.json"] }, where)).toBe(0);
    expect(
      where.stdout.text,
    ).toBe(`event prod/ui-server-7d4b9c-x2x7k.18a1b2c3d4e5f607: Warning BackOff of Pod/ui-server-7d4b9c-x2x7k, count 3
  enters failures → loki, repeats every 1h30m
    match: yes
      yes type: wanted Warning, found Warning
      yes namespace: wanted not kube-system, found prod
    drop 1: no
      no  reason: wanted Pulled, found BackOff
    drop 2: no
      no  labels.quiet: wanted true, found nothing: the object is not known
    does not enter routes[0].routes[0]
      match: no
        no  minCount: wanted 5, found 3
  the object is not known: what routes ask of it counts as not there; give it with --object
  loki (loki) gets by failures:
    POST http://loki.example.com/loki/api/v1/push
    User-Agent: kev/0.0.0-dev
    Content-Type: application/json
    X-Scope-OrgID: ***

    {
      "streams": [
        {
          "stream": {
            "job": "kev",
            "cluster": "prod-eu",
            "namespace": "prod",
            "kind": "Pod",
            "type": "Warning"
          },
          "values": [
            [
              "1795426170000000000",
              "time=2026-11-23T09:29:30Z type=Warning reason=BackOff cluster=prod-eu namespace=prod kind=Pod name=ui-server-7d4b9c-x2x7k component=kubelet verb=ADDED delta=3 count=3 id=3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711 message=\\"Back-off restarting failed container ui\\""
            ]
          ]
        }
      ]
    }

`);
    expect(where.stderr.text).toBe("");
  });

  test("takes the object from a file", async () => {
    const where = context();
    const options = { filename: "routes.yaml", events: ["-"], object: "pod.yaml" };
    const lines = [bareDelivery("e"), sampleDelivery({ count: 5 })].map((delivery) => JSON.stringify(delivery));
    expect(await runRouteTest(options, { ...where, stdin: stdinOf(lines.join("\n")) })).toBe(0);
    expect(where.stdout.text).toBe(`event prod/e: Normal Approval of Deployment/ui-server, count 1
  does not enter failures
    match: no
      no  type: wanted Warning, found Normal
      yes namespace: wanted not kube-system, found prod
    drop 1: no
      no  reason: wanted Pulled, found Approval
    drop 2: no
      no  labels.quiet: wanted true, found nothing: the object is not known
  goes nowhere

event prod/ui-server-7d4b9c-x2x7k.18a1b2c3d4e5f607: Warning BackOff of Pod/ui-server-7d4b9c-x2x7k, count 5
  enters failures → loki, repeats every 1h30m
    match: yes
      yes type: wanted Warning, found Warning
      yes namespace: wanted not kube-system, found prod
    drop 1: no
      no  reason: wanted Pulled, found BackOff
    drop 2: no
      no  labels.quiet: wanted true, found no
    enters routes[0].routes[0] → out
      match: yes
        yes minCount: wanted 5, found 5
  loki (loki) gets by failures:
    POST http://loki.example.com/loki/api/v1/push
    User-Agent: kev/0.0.0-dev
    Content-Type: application/json
    X-Scope-OrgID: ***

    {
      "streams": [
        {
          "stream": {
            "job": "kev",
            "cluster": "prod-eu",
            "namespace": "prod",
            "kind": "Pod",
            "type": "Warning"
          },
          "values": [
            [
              "1795426170000000000",
              "time=2026-11-23T09:29:30.000Z type=Warning reason=BackOff cluster=prod-eu namespace=prod kind=Pod name=ui-server-7d4b9c-x2x7k component=kubelet verb=UPDATED delta=1 count=5 id=3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711 message=\\"Back-off restarting failed container ui\\""
            ]
          ]
        }
      ]
    }
  out (stdout) gets by routes[0].routes[0]:
    {"id":"3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711","verb":"UPDATED","delta":1,"count":5,"time":"2026-11-23T09:29:30.000Z","cluster":{"name":"prod-eu","uid":"5c1d7a00-7b1e-4f53-9a0f-6d1c2b3a4e5f"},"event":{"metadata":{"name":"ui-server-7d4b9c-x2x7k.18a1b2c3d4e5f607","namespace":"prod","uid":"3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10","resourceVersion":"4711","creationTimestamp":"2026-11-23T09:10:00Z"},"involvedObject":{"apiVersion":"v1","kind":"Pod","name":"ui-server-7d4b9c-x2x7k","namespace":"prod","uid":"9d2f6c1e-5a44-4f0b-8a43-2f1f0a6b7c22","resourceVersion":"4700","fieldPath":"spec.containers{ui}"},"type":"Warning","reason":"BackOff","message":"Back-off restarting failed container ui","source":{"component":"kubelet","host":"node-3"},"reportingComponent":"kubelet","reportingInstance":"node-3","count":3,"firstTimestamp":"2026-11-23T09:10:00Z","lastTimestamp":"2026-11-23T09:29:30Z","eventTime":null},"object":{"labels":{"quiet":"no"},"annotations":{},"owners":[]}}

`);
  });

  test("warns of an object that no event is about", async () => {
    const where = context(JSON.stringify(bareDelivery("e")));
    await runRouteTest({ filename: "routes.yaml", events: ["-"], object: "pod.yaml" }, where);
    expect(where.stderr.text).toBe("Warning: no event is about Pod/ui-server-7d4b9c-x2x7k\n");
  });

  test("prints the same as JSON", async () => {
    const where = context();
    await runRouteTest({ filename: "routes.yaml", events: ["event.json"], object: "pod.yaml", output: "json" }, where);
    const [only, ...more] = JSON.parse(where.stdout.text);
    expect(more).toEqual([]);
    const { delivery, routes: explained, objectMissing, sinks } = only;
    expect({ id: delivery.id, cluster: delivery.cluster, objectMissing }).toEqual({
      id: "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711",
      cluster: { name: "prod-eu" },
      objectMissing: false,
    });
    expect(explained[0].drop[1]).toEqual({
      holds: false,
      conditions: [{ field: "labels.quiet", wanted: "true", found: "no", holds: false }],
    });
    expect(sinks.map(({ payload, ...rest }: { payload: string }) => rest)).toEqual([
      { sink: "loki", type: "loki", route: "failures", repeats: { every: 5_400_000 } },
    ]);
  });

  test.each([
    [{ filename: "routes.yaml", events: [] }, "error: no events given"],
    [{ filename: "-", events: ["-"] }, "error: standard input cannot be used for multiple arguments"],
    [{ filename: "routes.yaml", events: ["pod.yaml"] }, "error: pod.yaml:1: expected an Event, found a Pod"],
    [{ filename: "routes.yaml", events: ["tenant"] }, "error: tenant:1: expected an Event, found something else"],
    [
      { filename: "routes.yaml", events: ["event.json"], output: "wide" },
      'error: unable to match a printer suitable for the output format "wide", allowed formats are: json,yaml',
    ],
  ])("%j fails", async (options, line) => {
    expect(await failure(runRouteTest(options, context()))).toMatchObject({ line, code: 2 });
  });
});

describe("kev route sinks", () => {
  test("lists every type", async () => {
    const where = context();
    expect(await runRouteSinks({}, where)).toBe(0);
    const [head, ...rows] = where.stdout.text.trimEnd().split("\n");
    expect(head).toMatch(/^TYPE +PACKAGE +DESCRIPTION$/);
    expect(rows.map((row) => row.split(" ")[0])).toEqual(sinkTypes.map(({ type }) => type));
  });

  test("shows the fields of one, their defaults, and an example", async () => {
    const where = context();
    expect(await runRouteSinks({ type: "file" }, where)).toBe(0);
    expect(where.stdout.text).toBe(`file: JSON lines in a file, with a bounded number of older ones
https://jsonlines.org/

FIELD     TYPE               DEFAULT      DESCRIPTION
path      string             (required)   The file, relative to the routing file's folder; its own folder is made
maxSize   string or number   100MiB       A new file is begun before this one would become larger
maxAge    string             -            A new file is begun for what comes when this one is so old
keep      integer            5            Older files that are kept; the oldest are deleted
gzip      boolean            false        Packs older files

As every sink:
FIELD               TYPE           DEFAULT   DESCRIPTION
timeout             duration       30s       Longest time that one send may take
batch.events        number         1000      Most events that are sent at once
batch.bytes         size           1MiB      Most bytes of them, as JSON
batch.wait          duration       100ms     How long a batch waits to become full
retry.first         duration       500ms     Wait before the second try; doubled from try to try
retry.longest       duration       1m        Longest wait between two tries
retry.giveUpAfter   duration       -         When fallback and deadLetters get what fails; never by default
fallback            string         -         Sink for what is refused for good, or given up
deadLetters         string         -         File for the same, where there is no fallback or that refuses it, too
queue.events        number         1000000   Most events that wait for the sink, on disk
queue.bytes         size           1GiB      Most bytes of them
queue.onFull        wait or drop   wait      wait: read no more events; drop: lose what comes, and count it

sinks:
  example:
    type: file
    path: events.jsonl
    maxSize: 100MiB
    maxAge: 24h
    keep: 5
    gzip: true
`);
  });

  test("shows long defaults below the fields", async () => {
    const where = context();
    await runRouteSinks({ type: "loki" }, where);
    expect(where.stdout.text).toMatch(/^labels +map, template +\(below\) /m);
    expect(where.stdout.text).toContain('\n\nThe default of labels:\n    {"job":"kev",');
  });

  test("describes each field of every type", async () => {
    const where = context();
    await runRouteSinks({ output: "json" }, where);
    const described: { type: string; fields: { name: string; description: string }[] }[] = JSON.parse(
      where.stdout.text,
    );
    const silent = described.flatMap(({ type, fields }) =>
      fields.filter(({ description }) => description === "").map(({ name }) => `${type}: ${name}`),
    );
    expect(silent).toEqual([]);
  });

  test("knows no other", async () => {
    expect(await failure(runRouteSinks({ type: "lokki" }, context()))).toEqual({
      line: 'error: there is no sink of type "lokki"',
      hint: "did you mean loki?",
      code: 2,
    });
  });
});

describe("kev route convert", () => {
  test("prints a routing file, and says what is different", async () => {
    const where = context("route: {match: [{receiver: a, namespace: '^kube-'}]}\nreceivers: [{name: a, stdout: {}}]\n");
    expect(await runRouteConvert({ file: "-" }, where)).toBe(0);
    expect(where.stdout.text).toBe(`# Made by kev route convert from a config of kubernetes-event-exporter.
routes:
  - match:
      namespace: /kube-.*/
    sinks:
      - a
    repeats: first
sinks:
  a:
    type: stdout
`);
    expect(
      where.stderr.text,
    ).toBe(`note: maxEventAgeSeconds: is left out: events older than 5s are sent, too; what was \
sent before is known, and --from-now leaves out what is there at the very first start
note: receiver "a": layout: what is sent has kev's form, which kev route test shows
note: repeats: first sends an event once, as kubernetes-event-exporter does; repeats: all sends it each time it is counted up
note: what a receiver does not take is sent again until it does, in order; kubernetes-event-exporter sends it once
`);
  });
});

describe("argv", () => {
  test.each<[line: string, name: string, options: unknown]>([
    ["check -f routes.yaml", "route check", { filename: "routes.yaml" }],
    [
      "test -f r.yaml a.json - --object pod.yaml -o json",
      "route test",
      { filename: "r.yaml", events: ["a.json", "-"], object: "pod.yaml", output: "json" },
    ],
    ["test", "route test", { events: [] }],
    ["sinks", "route sinks", {}],
    ["sinks loki -o yaml", "route sinks", { type: "loki", output: "yaml" }],
    ["convert config.yaml", "route convert", { file: "config.yaml" }],
  ])("route %s", async (line, name, options) => {
    const captured: unknown[] = [];
    const route = new Command("route").option("-f, --filename <file>");
    const session = { run: async (command: string, given: unknown) => void captured.push([command, given]) };
    for (const declare of [routeCheckCommand, routeTestCommand, routeSinksCommand, routeConvertCommand]) {
      declare(route, session);
    }
    await route.parseAsync(line.split(" "), { from: "user" });
    expect(captured).toEqual([[name, options]]);
  });
});
