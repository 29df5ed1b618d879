import { describe, expect, test } from "@jest/globals";
import { referable, referenceTo } from "../../src/events/object-reference.ts";

const pod = { apiVersion: "v1", kind: "Pod", namespaced: true };
const metadata = { name: "web-0", namespace: "prod", uid: "uid-1", resourceVersion: "42" };

describe("referenceTo", () => {
  test("a namespaced object", () => {
    expect(referenceTo({ apiVersion: "apps/v1", kind: "Deployment", namespaced: true }, { metadata })).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: "web-0",
      namespace: "prod",
      uid: "uid-1",
      resourceVersion: "42",
    });
  });

  test("a cluster-scoped object has no namespace, which is what describe searches for", () => {
    const node = { metadata: { name: "worker-3", uid: "uid-2", resourceVersion: "7" } };
    expect(referenceTo({ apiVersion: "v1", kind: "Node", namespaced: false }, node)).toEqual({
      apiVersion: "v1",
      kind: "Node",
      name: "worker-3",
      uid: "uid-2",
      resourceVersion: "7",
    });
  });

  test("a static pod goes by the uid of its manifest", () => {
    const annotations = { "kubernetes.io/config.mirror": "hash-of-manifest" };
    expect(referenceTo(pod, { metadata: { ...metadata, annotations } }).uid).toBe("hash-of-manifest");
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespaced: true };
    expect(referenceTo(deployment, { metadata: { ...metadata, annotations } }).uid).toBe("uid-1");
  });

  test.each([
    ["app", "spec.containers{app}"],
    ["setup", "spec.initContainers{setup}"],
    ["debugger", "spec.ephemeralContainers{debugger}"],
  ])("container %s", (container, fieldPath) => {
    const spec = {
      containers: [{ name: "app" }],
      initContainers: [{ name: "setup" }],
      ephemeralContainers: [{ name: "debugger" }],
    };
    expect(referenceTo(pod, { metadata, spec }, container).fieldPath).toBe(fieldPath);
  });

  test("a container that is not there, or of something that has none", () => {
    const spec = { containers: [{ name: "app" }, { name: "sidecar" }] };
    expect(() => referenceTo(pod, { metadata, spec }, "nope")).toThrow(
      expect.objectContaining({
        message: "container nope is not valid for pod web-0",
        hint: "its containers are app, sidecar",
      }),
    );
    expect(() => referenceTo({ ...pod, kind: "Node" }, { metadata }, "app")).toThrow(
      'container is for pods, "web-0" is none',
    );
  });

  test("is the same of what is remembered of an object, which holds nothing else", () => {
    const annotations = { "kubernetes.io/config.mirror": "hash-of-manifest", other: "x".repeat(1_000) };
    const spec = { containers: [{ name: "app", image: "nginx" }], initContainers: [{ name: "setup" }], volumes: [{}] };
    const whole = { ...pod, metadata: { ...metadata, annotations, managedFields: [{}] }, spec, status: {} };
    const remembered = referable(whole);
    for (const container of [undefined, "app", "setup"]) {
      expect(referenceTo(pod, remembered, container)).toEqual(referenceTo(pod, whole, container));
    }
    expect(remembered).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, annotations: { "kubernetes.io/config.mirror": "hash-of-manifest" } },
      spec: { containers: [{ name: "app" }], initContainers: [{ name: "setup" }] },
    });
  });
});
