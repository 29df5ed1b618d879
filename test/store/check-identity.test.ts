import { expect, test } from "@jest/globals";
import type { StoreIdentity } from "../../src/store/check-identity.ts";
import { checkIdentity, type ReadScope } from "../../src/store/check-identity.ts";

const server = "https://10.0.0.1:6443";
const scope = (clusterUid?: string, namespace = "prod"): ReadScope => ({ clusterUid, server, namespace });
const stored = (cluster: string, namespace = "prod"): StoreIdentity => ({ cluster, namespace });

test.each([
  ["a new store", undefined, scope("uid-1"), "uid-1"],
  ["a new store without a uid", undefined, scope(), server],
  ["the same cluster", stored("uid-1"), scope("uid-1"), "uid-1"],
  ["the same address", stored(server), scope(), server],
  ["the same address, since then with a uid", stored(server), scope("uid-1"), "uid-1"],
])("%s is taken", (_what, identity, where, cluster) => {
  expect(checkIdentity(identity, where)).toEqual({ cluster, namespace: "prod" });
});

test.each([
  ["another uid", stored("uid-2"), scope("uid-1"), "the state is about the events of another cluster"],
  ["another address", stored("https://10.0.0.2"), scope(), "the state is about the events of another cluster"],
  ["another address, since then with a uid", stored("https://10.0.0.2"), scope("uid-1"), "another cluster"],
  ["all namespaces", stored("uid-1", ""), scope("uid-1"), "the state is about the events of all namespaces"],
  ["another namespace", stored(server, "dev"), scope("uid-1"), "the state is about the events of the namespace dev"],
  [
    "a uid that cannot be read now",
    stored("uid-1"),
    scope(),
    "it cannot be told whether the state is about this cluster",
  ],
])("%s is refused", (_what, identity, where, message) => {
  expect(() => checkIdentity(identity, where)).toThrow(message);
});
