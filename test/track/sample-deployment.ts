import type { KubeObject } from "../../src/events/event.ts";

/** An entry of managedFields that has set these paths, each nested by `/`. */
export function managed(
  manager: string,
  time: string | undefined,
  paths: readonly string[],
  more: object = {},
): object {
  const fieldsV1 = {};
  for (const path of paths) {
    let node: Record<string, unknown> = fieldsV1;
    for (const segment of path.split("/")) {
      const key = /^[{]/.test(segment) ? `k:${segment}` : `f:${segment}`;
      const next = node[key] ?? {};
      node[key] = next;
      node = next as Record<string, unknown>;
    }
  }
  return {
    manager,
    operation: "Update",
    apiVersion: "apps/v1",
    ...(time && { time }),
    fieldsType: "FieldsV1",
    fieldsV1,
    ...more,
  };
}

export interface SampleParts {
  replicas?: number;
  image?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  env?: { name: string; value: string }[];
  resourceVersion?: string;
  managedFields?: object[];
  status?: object;
}

/** A Deployment, as a watch shows it. */
export function sampleDeployment(parts: SampleParts = {}): KubeObject {
  const {
    replicas = 2,
    image = "nginx:1.27",
    labels,
    annotations,
    env,
    resourceVersion = "10",
    managedFields = [],
  } = parts;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "ui",
      namespace: "prod",
      uid: "uid-ui",
      resourceVersion,
      generation: Number(resourceVersion),
      creationTimestamp: "2026-11-23T09:00:00Z",
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      managedFields,
    },
    spec: {
      replicas,
      template: { spec: { containers: [{ name: "nginx", image, ...(env && { env }) }] } },
    },
    status: parts.status ?? { replicas },
  };
}
