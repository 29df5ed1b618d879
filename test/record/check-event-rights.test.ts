import { expect, test } from "@jest/globals";
import { checkEventRights } from "../../src/record/check-event-rights.ts";
import { pageNotFound, type Script, scriptedConnection } from "../kube/scripted-connection.ts";

const review = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const who = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews";
const bob = { status: { userInfo: { username: "bob" } } };

async function ask(script: Script, namespace?: string) {
  const connection = scriptedConnection(script);
  await checkEventRights(connection, { verbs: ["create"], namespace });
  return connection.requests.map(({ body }) => body);
}

test("asks for the namespace, or for all of them", async () => {
  const allowed = { [review]: [{ status: { allowed: true } }] };
  const asked = (namespace: object) => ({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb: "create", resource: "events", ...namespace } },
  });
  expect(await ask(allowed, "prod")).toEqual([asked({ namespace: "prod" })]);
  expect(await ask(allowed)).toEqual([asked({})]);
});

test("says who may not, and what grants it", async () => {
  const refused = { [review]: [{ status: { allowed: false } }], [who]: [bob] };
  await expect(ask(refused, "prod")).rejects.toMatchObject({
    kind: "refused",
    line: 'Error from server (Forbidden): events is forbidden: User "bob" cannot create resource "events" in API group "" in the namespace "prod"',
    hint: expect.stringContaining("kubectl create role kev-create-events --verb=create --resource=events -n prod"),
  });
  await expect(ask(refused)).rejects.toMatchObject({
    hint: expect.stringContaining("kubectl create clusterrole kev-create-events --verb=create --resource=events"),
  });
});

test("leaves it to the first event where the server does not tell", async () => {
  expect(await ask({ [review]: [pageNotFound()] })).toHaveLength(1);
});
