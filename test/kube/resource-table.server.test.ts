import { afterAll, expect, test } from "@jest/globals";
import { connect } from "../../src/kube/connect.ts";
import { type Discovery, fetchDiscovery } from "../../src/kube/discovery.ts";
import { resourceTable } from "../../src/kube/resource-table.ts";
import type { ResourceType } from "../../src/kube/resource-type.ts";
import { sharedControlPlane } from "../support/control-plane.ts";

const connection = connect({ kubeconfig: sharedControlPlane().adminKubeconfig });
afterAll(async () => (await connection).close());
const discovered: Promise<Discovery> = connection.then((opened) => fetchDiscovery(opened));

// Types of other tests' custom resources are on the server, too.
const groups = new Set(resourceTable.map(({ group }) => group));

function id({ group, plural }: ResourceType): string {
  return `${plural}.${group}`;
}

test("the built-in table says of each type what the server says, in its order", async () => {
  const { types } = await discovered;
  const preferred = new Map<string, ResourceType>();
  for (const type of types) if (!preferred.has(id(type))) preferred.set(id(type), type);
  const tabled = new Set(resourceTable.map(id));
  expect([...preferred.values()].filter((type) => tabled.has(id(type)))).toEqual(resourceTable);
});

test("the built-in table lacks only what cannot be read and what has no stable version", async () => {
  const { types } = await discovered;
  const tabled = new Set(resourceTable.map(id));
  const missing = types.filter((type) => groups.has(type.group) && !tabled.has(id(type)));
  expect(missing.map(id)).toEqual(["bindings."]);
});
