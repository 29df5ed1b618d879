import { describe, expect, test } from "@jest/globals";
import { forbiddenHint } from "../../src/kube/forbidden-hint.ts";

describe("forbiddenHint", () => {
  test("names the Role that is missing in a namespace", () => {
    const message =
      'deployments.apps "ui-server" is forbidden: User "jane" cannot get resource "deployments" in API group "apps" in the namespace "prod"';
    expect(
      forbiddenHint(message),
    ).toBe(`jane lacks the right to get deployments.apps in namespace prod; who may can grant it:
  kubectl create role kev-get-deployments --verb=get --resource=deployments.apps -n prod
  kubectl create rolebinding kev-get-deployments --role=kev-get-deployments --user=jane -n prod
check it with: kubectl auth can-i get deployments.apps -n prod`);
  });

  test("names a ClusterRole for what has no namespace, and service accounts as such", () => {
    const message =
      'nodes "n" is forbidden: User "system:serviceaccount:ci:release" cannot get resource "nodes" in API group "" at the cluster scope';
    expect(
      forbiddenHint(message),
    ).toBe(`system:serviceaccount:ci:release lacks the right to get nodes; who may can grant it:
  kubectl create clusterrole kev-get-nodes --verb=get --resource=nodes
  kubectl create clusterrolebinding kev-get-nodes --clusterrole=kev-get-nodes --serviceaccount=ci:release
check it with: kubectl auth can-i get nodes`);
  });

  test("quotes a user name that a shell would read", () => {
    const message =
      'events is forbidden: User "x; rm -rf \'y\'" cannot create resource "events" in API group "" in the namespace "a"';
    expect(forbiddenHint(message)).toContain(`--user='x; rm -rf '\\''y'\\''' -n a`);
  });

  test("says nothing of a refusal that is not RBAC's", () => {
    expect(forbiddenHint('admission webhook "x" denied the request: no')).toBeUndefined();
  });
});
