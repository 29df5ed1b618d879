import { expect, test } from "@jest/globals";
import { rights } from "../../src/kube/install-parts.ts";

test("rights outside of an install's own namespace are not those of another install of the same name", () => {
  const names = (name: string, namespace: string, place?: string) =>
    rights({ name, namespace }, [], { place }).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names("kev-track", "kev-track")).toEqual(["ClusterRole kev-track", "ClusterRoleBinding kev-track"]);
  expect(names("kev-track", "a")).toEqual(["ClusterRole a:kev-track", "ClusterRoleBinding a:kev-track"]);
  expect(names("kev-track", "b", "prod")).toEqual(["Role b:kev-track", "RoleBinding b:kev-track"]);
  expect(names("kev-track", "b", "b")).toEqual(["Role kev-track", "RoleBinding kev-track"]);
});
