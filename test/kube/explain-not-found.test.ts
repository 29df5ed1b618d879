import { describe, expect, test } from "@jest/globals";
import { explainNotFound } from "../../src/kube/explain-not-found.ts";
import { resourceTable } from "../../src/kube/resource-table.ts";
import type { ResourceType } from "../../src/kube/resource-type.ts";
import { notFound, pageNotFound, scriptedConnection, statusError } from "./scripted-connection.ts";

const deployments = resourceTable.find(({ kind }) => kind === "Deployment") as ResourceType;
const nodes = resourceTable.find(({ kind }) => kind === "Node") as ResourceType;
const named = (...names: string[]) => ({ items: names.map((name) => ({ metadata: { name } })) });
const forbidden = () => statusError(403, { message: "no" });
const namespacePath = "GET /api/v1/namespaces/prod";
const listPath = "GET /apis/apps/v1/namespaces/prod/deployments?limit=500";

describe("explainNotFound", () => {
  test("names the objects that are nearly called so", async () => {
    const connection = scriptedConnection({ [namespacePath]: [{}], [listPath]: [named("ui-server", "db")] });
    const error = notFound("deployments", "apps", "ui-sever");
    const target = { type: deployments, namespace: "prod", name: "ui-sever" };
    await expect(explainNotFound(connection, error, target)).resolves.toBe(error);
    expect(error.hint).toBe("did you mean ui-server?");
  });

  test("says where it looked when nothing is near", async () => {
    const connection = scriptedConnection({ [namespacePath]: [{}], [listPath]: [named("db")] });
    const error = notFound("deployments", "apps", "ui-sever");
    await explainNotFound(connection, error, { type: deployments, namespace: "prod", name: "ui-sever" });
    expect(error.hint).toBe("looked in namespace prod; -n names another");
  });

  test("tells who names a type and no object", async () => {
    const connection = scriptedConnection({ [namespacePath]: [{}], [listPath]: [named("db")] });
    const error = notFound("deployments", "apps", "deploy");
    await explainNotFound(connection, error, { type: deployments, namespace: "prod", name: "deploy" });
    expect(error.hint).toBe(
      "looked in namespace prod; -n names another\ndeploy is a type, too: an object of it is deploy/NAME",
    );
  });

  test("shows the namespace's error when that is what is missing", async () => {
    const missing = notFound("namespaces", "", "prod");
    const connection = scriptedConnection({
      [namespacePath]: [missing],
      "GET /api/v1/namespaces?limit=500": [named("production", "prods")],
    });
    const error = notFound("deployments", "apps", "ui-server");
    const target = { type: deployments, namespace: "prod", name: "ui-server" };
    await expect(explainNotFound(connection, error, target)).resolves.toBe(missing);
    expect(missing.hint).toBe("did you mean prods or production?");
  });

  test("asks nothing of what is no API server", async () => {
    const error = pageNotFound();
    const target = { type: deployments, namespace: "prod", name: "ui" };
    await expect(explainNotFound(scriptedConnection({}), error, target)).resolves.toBe(error);
    expect(error.hint).toBeUndefined();
  });

  test("a namespace that is not served is not one that is missing", async () => {
    const connection = scriptedConnection({ [namespacePath]: [pageNotFound()], [listPath]: [named("db")] });
    const error = notFound("deployments", "apps", "ui");
    const target = { type: deployments, namespace: "prod", name: "ui" };
    await expect(explainNotFound(connection, error, target)).resolves.toBe(error);
  });

  test("never fails: what it may not see, it does not say", async () => {
    const connection = scriptedConnection({ [namespacePath]: [forbidden()], [listPath]: [forbidden()] });
    const error = notFound("deployments", "apps", "x");
    await expect(explainNotFound(connection, error, { type: deployments, namespace: "prod", name: "x" })).resolves.toBe(
      error,
    );
    const alone = scriptedConnection({ "GET /api/v1/nodes?limit=500": [pageNotFound()] });
    const noNode = notFound("nodes", "", "x");
    await explainNotFound(alone, noNode, { type: nodes, namespace: "prod", name: "x" });
    expect(noNode.hint).toBeUndefined();
  });
});
