import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { createJudge } from "../../src/gate/judge.ts";
import type { Release } from "../../src/gate/release.ts";
import { notFound, type ScriptedConnection, scriptedConnection, statusError } from "../kube/scripted-connection.ts";

const release: Release = {
  namespace: "prod",
  name: "ui",
  uid: "u-1",
  digest: "v1:sha256:aa",
  restartlessDigest: "v1:sha256:aa",
  images: "ui=nginx",
};

function decision(name: string, reason = "Approval"): KubeEvent {
  return {
    metadata: {
      name,
      namespace: "prod",
      uid: `uid-${name}`,
      resourceVersion: name.replace(/\D/g, ""),
      creationTimestamp: "2026-11-24T11:00:00Z",
      annotations: { "kev.dev/approver": "jane", "kev.dev/template-digest": release.digest },
    },
    involvedObject: { apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "ui", uid: "u-1" },
    reason,
  };
}

const events = "/api/v1/namespaces/prod/events";
const list = `GET ${events}?fieldSelector=involvedObject.kind%3DDeployment%2CinvolvedObject.name%3Dui&limit=500`;
const answer = (...items: KubeEvent[]): object => ({ metadata: { resourceVersion: "9" }, items });
const known = (isConnected: boolean, ...found: KubeEvent[]) => ({ isConnected, about: () => found });
const anyone = { trust: "any" } as const;

async function reasonOf(connection: ScriptedConnection, ...rest: unknown[]): Promise<string> {
  const [rules, parts] = rest as [Parameters<typeof createJudge>[1], Parameters<typeof createJudge>[2]];
  const { reason } = await createJudge(connection, rules, parts).judge(release);
  expect(connection.unused()).toEqual([]);
  return reason;
}

describe("a release is admitted", () => {
  test("by what the watch has seen, when its event is still there", async () => {
    const connection = scriptedConnection({ [`GET ${events}/e1`]: [decision("e1")] });
    expect(await reasonOf(connection, anyone, { known: known(true, decision("e1")) })).toBe("Approved");
    expect(connection.asked).toEqual([`GET ${events}/e1 (metadata)`]);
  });

  test("by a list where the watch has seen nothing, or is broken", async () => {
    const script = { [list]: [answer(decision("e1"))] };
    expect(await reasonOf(scriptedConnection(script), anyone, { known: known(true) })).toBe("Approved");
    expect(await reasonOf(scriptedConnection(script), anyone, { known: known(false, decision("e1")) })).toBe(
      "Approved",
    );
    expect(await reasonOf(scriptedConnection(script), anyone)).toBe("Approved");
  });
});

describe("a release is denied by nothing but a list", () => {
  test.each<[string, unknown]>([
    ["is gone", notFound("events", "", "e1")],
    ["was made again", { ...decision("e1"), metadata: { ...decision("e1").metadata, uid: "other" } }],
    ["was changed", { ...decision("e1"), metadata: { ...decision("e1").metadata, resourceVersion: "2" } }],
  ])("when the event that the watch has seen %s", async (_, found) => {
    const connection = scriptedConnection({ [`GET ${events}/e1`]: [found], [list]: [answer()] });
    expect(await reasonOf(connection, anyone, { known: known(true, decision("e1")) })).toBe("NotApproved");
  });

  test("when the watch has seen a rejection", async () => {
    const seen = known(true, decision("e1"), decision("e2", "ApprovalRejected"));
    const connection = scriptedConnection({ [list]: [answer(decision("e1"))] });
    expect(await reasonOf(connection, anyone, { known: seen })).toBe("Approved");
  });
});

describe("nothing is admitted", () => {
  const registration = "/apis/admissionregistration.k8s.io/v1";
  const policy = `GET ${registration}/validatingadmissionpolicies/kev-decisions`;
  const binding = `GET ${registration}/validatingadmissionpolicybindings/kev-decisions`;
  const missing = notFound("validatingadmissionpolicies", "admissionregistration.k8s.io", "kev-decisions");

  test("while the policy is not there", async () => {
    const script = { [policy]: [missing], [binding]: [missing], [list]: [answer(decision("e1"))] };
    expect(await reasonOf(scriptedConnection(script), {})).toBe("Untrusted");
  });

  test("by what the watch has seen, either", async () => {
    const script = {
      [policy]: [missing],
      [binding]: [missing],
      [`GET ${events}/e1`]: [decision("e1")],
      [list]: [answer(decision("e1"))],
    };
    expect(await reasonOf(scriptedConnection(script), {}, { known: known(true, decision("e1")) })).toBe("Untrusted");
  });

  test.each([
    ["the policy", { [policy]: [statusError(403, {})], [binding]: [missing], [list]: [answer()] }],
    ["the events", { [policy]: [missing], [binding]: [missing], [list]: [statusError(500, {})] }],
  ])("while %s cannot be read", async (_, script) => {
    await expect(createJudge(scriptedConnection(script)).judge(release)).rejects.toThrow();
  });
});
