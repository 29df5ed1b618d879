import { expect, test } from "@jest/globals";
import { builtInType } from "../../src/kube/resource-table.ts";
import { createSubject } from "../../src/probe/subject.ts";
import { scriptedConnection } from "../kube/scripted-connection.ts";

test("a static pod goes by the uid of its manifest, which its mirror keeps", async () => {
  const mirror = (uid: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "etcd", namespace: "prod", uid, annotations: { "kubernetes.io/config.mirror": "manifest" } },
  });
  const connection = scriptedConnection({ "GET /api/v1/namespaces/prod/pods/etcd": [mirror("two")] });
  const told: string[] = [];
  const subject = createSubject(connection, {
    ...{ type: builtInType("", "pods"), object: mirror("one"), isThere: true },
    onGone: () => told.push("gone"),
    onBack: (_subject, isNew) => told.push(isNew ? "another" : "back"),
  });
  expect(subject.uid).toBe("manifest");
  expect((await subject.read(new AbortController().signal)).uid).toBe("manifest");
  expect(told).toEqual([]);
});
