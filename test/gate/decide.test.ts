import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { KubeEvent } from "../../src/events/event.ts";
import { type DecideOptions, decide } from "../../src/gate/decide.ts";
import type { Release } from "../../src/gate/release.ts";

const release: Release = {
  namespace: "prod",
  name: "ui",
  uid: "u-1",
  digest: "v1:sha256:aa",
  restartlessDigest: "v1:sha256:00",
  images: "ui=nginx:1.27",
};
const now = new Date("2026-11-24T12:00:00Z");
const options: DecideOptions = { bind: "release", now };

interface Said {
  by?: string;
  digest?: string;
  expires?: string;
  created?: string;
  version?: number;
  about?: Partial<KubeEvent["involvedObject"]>;
  namespace?: string;
}

let version = 0;

/** A decision about `release`, newer than those made before. */
function said(reason: string, { by = "jane", digest = release.digest, about = {}, ...more }: Said = {}): KubeEvent {
  version++;
  const { expires, created = "2026-11-24T11:00:00Z", namespace = "prod" } = more;
  return {
    metadata: {
      name: `ui.${version}`,
      namespace,
      creationTimestamp: created,
      resourceVersion: String(more.version ?? version),
      annotations: {
        "kev.dev/approver": by,
        "kev.dev/template-digest": digest,
        ...(expires !== undefined && { "kev.dev/expires-at": expires }),
      },
    },
    involvedObject: { apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "ui", uid: "u-1", ...about },
    reason,
  };
}

const verdict = (events: KubeEvent[], more: Partial<DecideOptions> = {}): string =>
  decide(release, events, { ...options, ...more }).reason;

describe("a release", () => {
  test("is admitted by an approval of its own, and by nothing less", () => {
    const approval = said("Approval");
    expect(decide(release, [approval], options)).toEqual({
      admitted: true,
      reason: "Approved",
      event: approval,
      approver: "jane",
    });
    expect(decide(release, [], options)).toEqual({ admitted: false, reason: "NotApproved" });
  });

  test.each<[string, Said]>([
    ["another template", { digest: "v1:sha256:bb" }],
    ["another Deployment of that name", { about: { uid: "u-0" } }],
    // Who may approve `b` wrote it with the uid of `ui`: the policy has checked the name.
    ["another name with this uid", { about: { name: "b" } }],
    ["no uid", { about: { uid: "" } }],
    ["another group's Deployment", { about: { apiVersion: "example.com/v1" } }],
    ["another kind", { about: { kind: "StatefulSet" } }],
    ["another namespace", { about: { namespace: "test" } }],
    ["an event of another namespace", { namespace: "test" }],
  ])("is not admitted by an approval of %s", (_, what) => {
    expect(verdict([said("Approval", what), said("BreakGlass", what)])).toBe("NotApproved");
  });

  test("waits when its approval has expired, or says so unreadably", () => {
    expect(verdict([said("Approval", { expires: "2026-11-24T12:00:01Z" })])).toBe("Approved");
    expect(verdict([said("Approval", { expires: "2026-11-24T12:00:00Z" })])).toBe("Expired");
    expect(verdict([said("Approval", { expires: "soon" })])).toBe("Expired");
    // Not the year 99999.
    expect(verdict([said("Approval", { expires: "99999" })])).toBe("Expired");
    expect(verdict([said("Approval", { expires: "2026-11-24T11:00:00Z" }), said("Approval", { by: "joe" })])).toBe(
      "Approved",
    );
  });

  test("waits when its approver has taken it back, and no other", () => {
    expect(verdict([said("Approval"), said("ApprovalRevoked")])).toBe("Revoked");
    expect(verdict([said("Approval"), said("ApprovalRevoked", { by: "joe" })])).toBe("Approved");
    expect(verdict([said("Approval"), said("ApprovalRevoked", { digest: "v1:sha256:bb" })])).toBe("Approved");
    expect(verdict([said("ApprovalRevoked"), said("Approval")])).toBe("Approved");
    expect(verdict([said("Approval"), said("Approval", { by: "joe" }), said("ApprovalRevoked")])).toBe("Approved");
  });

  test("is rejected for everybody, until who did so takes it back", () => {
    expect(verdict([said("ApprovalRejected"), said("Approval", { by: "joe" })])).toBe("Rejected");
    expect(verdict([said("ApprovalRejected"), said("BreakGlass", { by: "joe" })])).toBe("Rejected");
    expect(verdict([said("ApprovalRejected"), said("ApprovalRevoked", { by: "joe" }), said("Approval")])).toBe(
      "Rejected",
    );
    expect(verdict([said("ApprovalRejected"), said("Approval")])).toBe("Rejected");
    expect(verdict([said("ApprovalRejected"), said("ApprovalRevoked"), said("Approval", { by: "joe" })])).toBe(
      "Approved",
    );
  });

  test("is let through by breaking the glass", () => {
    expect(decide(release, [said("BreakGlass")], options)).toMatchObject({ admitted: true, reason: "BreakGlass" });
    expect(verdict([said("BreakGlass"), said("ApprovalRevoked")])).toBe("Revoked");
  });

  test("other events decide nothing", () => {
    expect(verdict([said("ScalingReplicaSet"), said("Approved"), said("approval")])).toBe("NotApproved");
  });
});

describe("the order", () => {
  test("is the server's: creation, then resourceVersion, however the list stands", () => {
    const approval = said("Approval", { created: "2026-11-24T11:00:00Z", version: 9 });
    const revoked = said("ApprovalRevoked", { created: "2026-11-24T11:00:00Z", version: 10 });
    expect(verdict([revoked, approval])).toBe("Revoked");
    const later = said("ApprovalRevoked", { created: "2026-11-24T10:59:59Z", version: 11 });
    expect(verdict([approval, later])).toBe("Approved");
  });

  test("of the events given is of no account", () => {
    const reasons = ["Approval", "ApprovalRejected", "ApprovalRevoked", "BreakGlass"];
    const event = fc.record({ reason: fc.constantFrom(...reasons), by: fc.constantFrom("jane", "joe") });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (list, keys) => {
        const events = list.map(({ reason, by }) => said(reason, { by }));
        const shuffled = events.map((one) => [keys.next().value ?? 0, one] as const).sort(([a], [b]) => a - b);
        const mixed = shuffled.map(([, one]) => one);
        expect(decide(release, mixed, options)).toEqual(decide(release, events, options));
        // Nobody rejects and nobody approves: nobody is let through.
        if (!list.some(({ reason }) => reason === "Approval" || reason === "BreakGlass")) {
          expect(decide(release, events, options).admitted).toBe(false);
        }
      }),
    );
  });
});

describe("what it is bound to", () => {
  const otherTemplate = { digest: "v1:sha256:bb" };

  test("object: any release of this very Deployment", () => {
    expect(verdict([said("Approval", otherTemplate)], { bind: "object" })).toBe("Approved");
    expect(verdict([said("Approval", { about: { uid: "u-0" } })], { bind: "object" })).toBe("NotApproved");
  });

  test("name: as in the talk, whose events name no digest and no approver", () => {
    const talk = said("Approval", { about: { uid: "u-0" } });
    const event = { ...talk, metadata: { ...talk.metadata, annotations: {} } };
    expect(verdict([event], { bind: "name" })).toBe("Approved");
    expect(verdict([said("Approval", { about: { name: "b" } })], { bind: "name" })).toBe("NotApproved");
    expect(verdict([said("Approval", { namespace: "test" })], { bind: "name" })).toBe("NotApproved");
  });

  test.each(["object", "name"] as const)("breaking the glass is for one release with %s, too", (bind) => {
    expect(verdict([said("BreakGlass", otherTemplate)], { bind })).toBe("NotApproved");
  });
});

describe("a restart", () => {
  // Approved while the template bore the mark of another restart.
  const event = said("Approval", { digest: "v1:sha256:bb" });
  const annotations = { ...event.metadata.annotations, "kev.dev/restartless-digest": release.restartlessDigest };
  const restarted = { ...event, metadata: { ...event.metadata, annotations } };

  test("makes another release", () => {
    expect(verdict([restarted])).toBe("NotApproved");
  });

  test("makes none where restarts are ignored", () => {
    expect(verdict([restarted], { ignoreRestarts: true })).toBe("Approved");
    expect(verdict([said("Approval", { digest: release.restartlessDigest })], { ignoreRestarts: true })).toBe(
      "Approved",
    );
    expect(verdict([event], { ignoreRestarts: true })).toBe("NotApproved");
  });
});

describe("with a policy that proves who wrote", () => {
  const trustedSince = new Date("2026-11-24T11:00:00Z");

  test("events that it does not look at count by no binding", () => {
    const stranger = said("Approval", { created: "2026-11-24T11:30:00Z", about: { apiVersion: "" } });
    expect(verdict([stranger], { bind: "name" })).toBe("Approved");
    expect(verdict([stranger], { bind: "name", trustedSince })).toBe("NotApproved");
  });

  test("events from before it never count, and nameless ones neither", () => {
    expect(verdict([said("Approval", { created: "2026-11-24T11:00:00Z" })], { trustedSince })).toBe("NotApproved");
    expect(verdict([said("Approval", { created: "2026-11-24T11:00:01Z" })], { trustedSince })).toBe("Approved");
    expect(verdict([said("Approval", { created: "2026-11-24T11:00:01Z", by: "" })], { trustedSince })).toBe(
      "NotApproved",
    );
    expect(verdict([said("Approval", { created: "" })], { trustedSince })).toBe("NotApproved");
  });
});

describe("the order of decisions", () => {
  // The clock of the server that took the approval was fast.
  const approval = said("Approval", { created: "2026-11-24T11:00:03Z", version: 100 });
  const revocation = said("ApprovalRevoked", { created: "2026-11-24T11:00:01Z", version: 101 });

  test("is that of their versions where nobody can change them", () => {
    const trustedSince = new Date("2026-11-24T10:00:00Z");
    expect(verdict([approval, revocation], { trustedSince })).toBe("Revoked");
  });

  test("is that of their times where an older one may have been changed since", () => {
    expect(verdict([approval, revocation])).toBe("Approved");
  });
});
