import { describe, expect, test } from "@jest/globals";
import { objectPath } from "../../src/kube/object-path.ts";

const deployments = { group: "apps", version: "v1", plural: "deployments", namespaced: true };
const nodes = { group: "", version: "v1", plural: "nodes", namespaced: false };
const roles = { group: "rbac.authorization.k8s.io", version: "v1", plural: "roles", namespaced: true };

describe("objectPath", () => {
  test.each([
    [deployments, "prod", "ui", "/apis/apps/v1/namespaces/prod/deployments/ui"],
    [deployments, "prod", undefined, "/apis/apps/v1/namespaces/prod/deployments"],
    [deployments, undefined, undefined, "/apis/apps/v1/deployments"],
    [nodes, "prod", "n1", "/api/v1/nodes/n1"],
    [roles, "prod", "system:Reader x", "/apis/rbac.authorization.k8s.io/v1/namespaces/prod/roles/system%3AReader%20x"],
  ])("%#", (type, namespace, name, path) => {
    expect(objectPath(type, namespace, name)).toBe(path);
  });

  test.each([
    ["prod", "", "resource name may not be empty"],
    ["prod", "..", `invalid resource name "..": [may not be '..']`],
    ["prod", "a/b%2F", `invalid resource name "a/b%2F": [may not contain '/' may not contain '%']`],
    [".", "a", `invalid namespace ".": [may not be '.']`],
    ["", "a", "namespace may not be empty"],
  ])("refuses %j %j, which would be another path", (namespace, name, message) => {
    expect(() => objectPath(deployments, namespace, name)).toThrow(expect.objectContaining({ kind: "usage", message }));
  });
});
