import { describe, expect, test } from "@jest/globals";
import { statePlace, trackStateFile } from "../../src/cli/state-place.ts";

const context = { env: {}, cwd: "/srv/kev", homeDir: "/home/ada" };
const owner = { server: "https://10.0.0.1", clusterUid: "5c1d7a00", namespace: undefined };

describe("the place of a router's state", () => {
  test.each([
    ["a file of the cluster by default", undefined, owner, {}, "/home/ada/.local/state/kev/route/5c1d7a00.db"],
    [
      "of the namespace",
      undefined,
      { ...owner, namespace: "prod" },
      {},
      "/home/ada/.local/state/kev/route/5c1d7a00-prod.db",
    ],
    ["in $XDG_STATE_HOME", undefined, owner, { XDG_STATE_HOME: "/var/lib" }, "/var/lib/kev/route/5c1d7a00.db"],
    [
      "not in a relative one",
      undefined,
      owner,
      { XDG_STATE_HOME: "x" },
      "/home/ada/.local/state/kev/route/5c1d7a00.db",
    ],
    [
      "by the server's address where the cluster does not say who it is",
      undefined,
      { ...owner, clusterUid: undefined },
      {},
      "/home/ada/.local/state/kev/route/958f9a13a4fdd4da.db",
    ],
    ["the file that is named", "state.db", owner, {}, "/srv/kev/state.db"],
  ])("is %s", (_what, given, whose, env, file) => {
    expect(statePlace(given, whose, { ...context, env })).toEqual({ kind: "file", file });
  });

  test("is nowhere, or a database, where one is named", () => {
    expect(statePlace("none", owner, context)).toEqual({ kind: "none" });
    expect(statePlace("postgres://db/kev", { ...owner, namespace: "prod" }, context)).toEqual({
      kind: "postgres",
      url: "postgres://db/kev",
      name: "5c1d7a00-prod",
    });
  });

  test("is not empty", () => {
    expect(() => statePlace("", owner, context)).toThrow('invalid argument "" for "--state" flag');
  });

  test("is no database of another kind, whose password is not said", () => {
    expect(() => statePlace("mysql://kev:secret@db/kev", owner, context)).toThrow(
      'invalid argument "mysql://…" for "--state" flag: it is a file, postgres://… or none',
    );
    expect(statePlace("POSTGRES://db/kev", owner, context)).toMatchObject({ kind: "postgres" });
  });
});

describe("the place of a tracker's state", () => {
  const types = ["deployments.apps", "configmaps"];
  test.each([
    ["of the cluster and the types", undefined, owner, types, "5c1d7a00-configmaps+deployments.apps.db"],
    [
      "of the namespace",
      undefined,
      { ...owner, namespace: "prod" },
      types,
      "5c1d7a00-prod-configmaps+deployments.apps.db",
    ],
    ["of a selector", undefined, owner, ["pods", "app=ui"], "5c1d7a00-0119aa4147682a79.db"],
  ])("is a file %s", (_what, given, whose, what, name) => {
    const file = trackStateFile(given, whose, what, context);
    expect(file).toBe(`/home/ada/.local/state/kev/track/${name}`);
  });

  test("is the file that is named", () => {
    expect(trackStateFile("state.db", owner, types, context)).toBe("/srv/kev/state.db");
  });
});
