import { expect, test } from "@jest/globals";
import { matchType, typesOfCategory } from "../../src/kube/match-type.ts";
import { resourceTable } from "../../src/kube/resource-table.ts";
import { resolveTrackedTypes } from "../../src/track/tracked-types.ts";
import { KevError } from "../../src/util/errors.ts";

const resolver: Parameters<typeof resolveTrackedTypes>[1] = {
  resolveAll: async (word) => {
    const type = matchType(resourceTable, word);
    const types = type ? [type] : typesOfCategory(resourceTable, word);
    if (types.length === 0) throw new KevError("not-found", `no type ${word}`, { hint: "look again" });
    return types;
  },
  preferred: async (type) => (type.plural === "cronjobs" ? { ...type, version: "v2" } : type),
};
const namesOf = async (...words: string[]) => (await resolveTrackedTypes(words, resolver)).map(({ name }) => name);

test("types are taken as kubectl takes them, each once", async () => {
  expect(await namesOf("deploy,cm", "Secret", "deployments.apps")).toEqual([
    "deployments.apps",
    "configmaps",
    "secrets",
  ]);
  expect(await namesOf("all")).toContain("statefulsets.apps");
});

test("events name objects in the version that the server prefers", async () => {
  expect(await resolveTrackedTypes(["cj"], resolver)).toMatchObject([
    { apiVersion: "batch/v2", type: { version: "v1" } },
  ]);
});

test.each([
  [[], "usage", "no TYPE is given"],
  [["deploy/ui"], "usage", '"deploy/ui" names one object; kev track takes types'],
  [["deploy,"], "usage", 'a resource type is missing in "deploy,"'],
  [["ev"], "usage", "events are not tracked: each that kev writes would be a change of its own"],
  [["events.events.k8s.io"], "usage", "events are not tracked: each that kev writes would be a change of its own"],
  [["ui"], "not-found", "no type ui"],
])("%j are none", async (words, kind, message) => {
  await expect(namesOf(...words)).rejects.toMatchObject({ kind, message });
});
