import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { KubeObject } from "../../src/events/event.ts";
import { changesOf } from "../../src/track/changes-of.ts";
import { pathText } from "../../src/track/field-path.ts";
import { parsePathPattern } from "../../src/track/path-pattern.ts";
import { trimObject } from "../../src/track/trimmed-object.ts";
import { createVisibility, type VisibilityOptions, visibilityText } from "../../src/track/visibility.ts";
import { sampleDeployment } from "./sample-deployment.ts";

function trimmed(object: KubeObject, options: VisibilityOptions & { showValues?: string[] } = {}, hashKey = "k") {
  const shown = (options.showValues ?? []).map(parsePathPattern);
  return trimObject(object, {
    isVisible: createVisibility(visibilityText(options)),
    isShown: (path) => shown.some((pattern) => pattern.covers(path)),
    hashKey,
  });
}
const changedPaths = (one: KubeObject, other: KubeObject, options: VisibilityOptions = {}): string[] =>
  changesOf(trimmed(one, options), trimmed(other, options)).map(({ path }) => pathText(path));

const secret = (data: Record<string, string>, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s", namespace: "prod", uid: "uid-s", ...more },
  type: "Opaque",
  data,
});
const hidden = { "\u0000": expect.stringMatching(/^[\w-]{22}$/) };

const spec = (parts: object): KubeObject => ({ ...sampleDeployment(), spec: { ...parts } });

describe("what is kept of an object", () => {
  test("is what counts, without what the server and controllers count", () => {
    const deployment = sampleDeployment({
      annotations: {
        "deployment.kubernetes.io/revision": "4",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "kev.dev/x": "1",
        "example.com/owner": "payments",
      },
    });
    expect(trimmed(deployment)).toEqual({
      metadata: { annotations: { "example.com/owner": "payments" } },
      spec: { replicas: 2, template: { spec: { containers: [{ name: "nginx", image: "nginx:1.27" }] } } },
    });
  });

  test("is no annotation at all where only noise is there, so that the first one changes nothing", () => {
    const annotations = { "deployment.kubernetes.io/revision": "4" };
    expect(changedPaths(sampleDeployment(), sampleDeployment({ annotations }))).toEqual([]);
  });

  test("is no value of a Secret, nor of its annotations, whatever is to be shown", () => {
    const applied = { annotations: { "objectset.example.com/applied": "aHVudGVyMg==" }, labels: { app: "ui" } };
    const kept = trimmed(secret({ password: "aHVudGVyMg==", url: "eA==" }, applied), {
      showValues: ["data", "metadata"],
    });
    expect(kept).toEqual({
      metadata: { annotations: { "objectset.example.com/applied": hidden }, labels: { app: "ui" } },
      type: "Opaque",
      data: { password: hidden, url: hidden },
    });
  });

  test("shows that a hidden value has changed, and which", () => {
    expect(changedPaths(secret({ a: "MQ==", b: "MQ==" }), secret({ a: "MQ==", b: "Mg==", c: "" }))).toEqual([
      "data.b",
      "data.c",
    ]);
  });

  test("hides a value otherwise under each key, path and object", () => {
    const hash = (object: KubeObject, key = "k") => JSON.stringify(trimmed(object, {}, key).data);
    const one = secret({ a: "MQ==" });
    const others = [hash(one, "l"), hash(secret({ b: "MQ==" })), hash(secret({ a: "MQ==" }, { uid: "uid-t" }))];
    expect(others).not.toContain(hash(one));
    expect(hash(secret({ a: "MQ==", b: "MQ==" }))).toMatch(/"a":\{"\\u0000":"(.*)"\},"b":\{"\\u0000":"(?!\1)/);
  });

  test.each<[string, KubeObject, string]>([
    ["env", sampleDeployment({ env: [{ name: "URL", value: "geheim" }] }), "geheim"],
    ["data of a ConfigMap", { ...secret({ a: "geheim" }), kind: "ConfigMap" }, "geheim"],
    ["what is called a password", { ...sampleDeployment(), spec: { dbPassword: "geheim" } }, "geheim"],
    ["what is called a token", { ...sampleDeployment(), spec: { "api-token": "geheim" } }, "geheim"],
    ["a URL with credentials", { ...sampleDeployment(), spec: { to: "https://ada:geheim@db/x" } }, "geheim"],
    ["a header", spec({ httpHeaders: [{ name: "Authorization", value: "geheim" }] }), "geheim"],
    ["a map of headers", spec({ headers: { Cookie: "geheim" } }), "geheim"],
    ["a parameter called a password", spec({ parameters: [{ name: "adminPassword", value: "geheim" }] }), "geheim"],
    ["a file of settings", spec({ helm: { values: "auth:\n  phrase: geheim" } }), "geheim"],
    ["what lies in a password", spec({ password: { value: "geheim" } }), "geheim"],
    ["what lies among passwords", spec({ passwords: { admin: "geheim" } }), "geheim"],
    ["a connection string", spec({ database: "Server=db;Password=geheim" }), "geheim"],
    ["JSON with a token", spec({ settings: '{"token": "geheim"}' }), "geheim"],
    ["a list of words with a password", spec({ flags: ["-v", "--db-password geheim"] }), "geheim"],
    ["a DSN", spec({ sentryDsn: "geheim" }), "geheim"],
    ["a pwd", sampleDeployment({ annotations: { "example.com/db-pwd": "geheim" } }), "geheim"],
    ["what proves who one is", spec({ login: "Basic geheim" }), "geheim"],
    ["args", { ...sampleDeployment(), spec: { args: ["--password=geheim"] } }, "geheim"],
    [
      "an annotation that is JSON",
      sampleDeployment({ annotations: { "example.com/state": '{"x":"geheim"}' } }),
      "geheim",
    ],
  ])("hides %s", (_what, object, value) => {
    expect(JSON.stringify(object)).toContain(value);
    expect(JSON.stringify(trimmed(object))).not.toContain(value);
  });

  test("shows what is only about a secret, and what is asked for", () => {
    const env = [{ name: "LOG", value: "debug" }];
    expect(trimmed({ ...sampleDeployment(), spec: { secretName: "s", automountServiceAccountToken: false } })).toEqual({
      spec: { secretName: "s", automountServiceAccountToken: false },
    });
    expect(
      JSON.stringify(trimmed(sampleDeployment({ env }), { showValues: ["spec.template.spec.containers[*].env"] })),
    ).toContain("debug");
  });

  test("shows what is called after a secret, and what refers to one", () => {
    const shown = {
      containers: [{ name: "token-service", image: "example.com/token:1", env: [] }],
      volumes: [{ name: "db-secret", secret: { secretName: "s" } }],
      imagePullSecrets: [{ name: "regcred" }],
      env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
      passwords: [{ name: "admin" }],
      podsNode: "n",
      author: "ada",
      topologyKey: "zone",
    };
    expect(trimmed(spec(shown))).toEqual({ spec: shown });
  });

  test("never holds a value of a Secret", () => {
    const value = fc.string({ minLength: 12, unit: fc.constantFrom("A", "b", "3", "/", "=") });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), value), value, (data, note) => {
        const text = JSON.stringify(trimmed(secret(data, { annotations: { note } })));
        for (const one of [...Object.values(data), note]) expect(text).not.toContain(one);
      }),
    );
  });
});

describe("which changes count", () => {
  const one = sampleDeployment({ status: { replicas: 1 } });
  const other = sampleDeployment({ replicas: 5, image: "nginx:1.28", labels: { a: "b" }, status: { replicas: 5 } });
  const image = "spec.template.spec.containers[nginx].image";

  test.each<[string, VisibilityOptions, string[]]>([
    ["all but status by default", {}, ["metadata.labels.a", "spec.replicas", image]],
    ["status, too", { status: true }, ["metadata.labels.a", "spec.replicas", image, "status.replicas"]],
    ["not what is ignored", { ignore: ["spec.replicas", "metadata.labels"] }, [image]],
    ["only some", { only: ["spec.template.spec.containers[*].image"] }, [image]],
    ["only some, of which others are ignored", { only: ["spec"], ignore: ["spec.replicas"] }, [image]],
    ["a part of status", { only: ["status.replicas"] }, ["status.replicas"]],
  ])("%s", (_what, options, paths) => {
    expect(changedPaths(one, other, options).sort()).toEqual([...paths].sort());
  });

  test("what is ignored stays out though more than it is asked for", () => {
    expect(
      changedPaths(one, { ...other, metadata: { ...other.metadata, resourceVersion: "99" } }, { only: ["metadata"] }),
    ).toEqual(["metadata.labels.a"]);
  });
});
