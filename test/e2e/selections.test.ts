import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();

const configMap = (name: string, labels = ""): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, labels: {${labels}}}}`;

describe.each(nodeVersions)("several objects at once, on $name", (node) => {
  let kev: Kev;
  let namespace: string;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("several");
    const maps = [configMap("a", "app: ui"), configMap("b", "app: ui"), configMap("c", "app: db"), configMap("d")];
    await cluster.apply(maps.join("\n---\n"), namespace);
    await cluster.apply("{apiVersion: v1, kind: Secret, metadata: {name: a}}", namespace);
  });

  /** What events with this reason are about, sorted. */
  async function storedOn(reason: string): Promise<string[]> {
    const { stdout } = await cluster.kubectl(
      ...["get", "events", "-n", namespace, `--field-selector=reason=${reason}`, "-o", "json"],
    );
    const { items } = JSON.parse(stdout) as { items: KubeEvent[] };
    return items.map(({ involvedObject: { kind, name } }) => `${kind}/${name}`).sort();
  }

  test.each([
    { reason: "BySelector", args: ["configmap", "-l", "app=ui"], names: ["a", "b"] },
    { reason: "BySet", args: ["cm", "-l", "app in (db),app!=ui"], names: ["c"] },
    { reason: "ByName", args: ["cm", "d", "b", "d"], names: ["d", "b"] },
    { reason: "BySlash", args: ["cm/b", "configmaps/a", "ConfigMap/c"], names: ["b", "a", "c"] },
    { reason: "ByKind", args: ["--kind", "cm", "c", "a"], names: ["c", "a"] },
  ])("$args in the order asked for", async ({ reason, args, names }) => {
    const result = await kev("emit", reason, ...args, "-n", namespace);

    expect(masked(result)).toEqual({
      code: 0,
      stdout: names.map((name) => `event/${name}.ID created\n`).join(""),
      stderr: "",
    });
    expect(await storedOn(reason)).toEqual(names.map((name) => `ConfigMap/${name}`).sort());
  });

  test("--all objects of a type", async () => {
    const result = await kev("emit", "ByAll", "secrets", "--all", "-n", namespace, "-q");

    expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await storedOn("ByAll")).toEqual(["Secret/a"]);
  });

  test("-A looks in all namespaces, and each event lies in its object's", async () => {
    const other = await uniqueNamespace("several");
    const label = `only: ${namespace}`;
    await cluster.apply(configMap("here", label), namespace);
    await cluster.apply(configMap("there", label), other);

    const result = await kev(
      ...["emit", "Everywhere", "cm", "-l", `only=${namespace}`, "-A"],
      ...["-o", "jsonpath={.metadata.namespace}/{.involvedObject.namespace}/{.involvedObject.name}{'\\n'}"],
    );

    expect({ ...result, stdout: result.stdout.split("\n").sort() }).toEqual({
      code: 0,
      stdout: ["", `${namespace}/${namespace}/here`, `${other}/${other}/there`].sort(),
      stderr: "",
    });
  });

  test("a reader that has gone is no failure, and stops nothing", async () => {
    const status = await kev.shell(
      `{ kev emit Piped cm a b c d -n ${namespace}; echo $? >status; } | true; cat status`,
    );

    expect(status).toEqual({ code: 0, stdout: "0\n", stderr: "" });
    expect(await storedOn("Piped")).toEqual(["ConfigMap/a", "ConfigMap/b", "ConfigMap/c", "ConfigMap/d"]);
  });

  test("one that is missing does not stop the others, and the exit code is 1", async () => {
    const result = await kev("emit", "OneMissing", "cm/a", "cm/aa", "cm/b", "-n", namespace);

    expect(masked(result)).toEqual({
      code: 1,
      stdout: "event/a.ID created\nevent/b.ID created\n",
      stderr: 'Error from server (NotFound): configmaps "aa" not found\nhint: did you mean a?\n',
    });
    expect(await storedOn("OneMissing")).toEqual(["ConfigMap/a", "ConfigMap/b"]);
  });

  test("one that the user may not see does not stop the others", async () => {
    await cluster.kubectl("create", "role", "maps", "--verb=get", "--resource=configmaps", "-n", namespace);
    await cluster.kubectl("create", "role", "events", "--verb=create", "--resource=events", "-n", namespace);
    for (const role of ["maps", "events"]) {
      await cluster.kubectl("create", "rolebinding", role, `--role=${role}`, "--user=mia", "-n", namespace);
    }

    const result = await kev("emit", "OneRefused", "cm/a", "secret/a", "cm/b", "-n", namespace, "--as", "mia");

    expect(masked(result, { [namespace]: "NAMESPACE" })).toEqual({
      code: 1,
      stdout: "event/a.ID created\nevent/b.ID created\n",
      stderr:
        'Error from server (Forbidden): secrets "a" is forbidden: User "mia" cannot get resource "secrets" in API group "" in the namespace "NAMESPACE"\n' +
        "hint: mia lacks the right to get secrets in namespace NAMESPACE; who may can grant it:\n" +
        "  kubectl create role kev-get-secrets --verb=get --resource=secrets -n NAMESPACE\n" +
        "  kubectl create rolebinding kev-get-secrets --role=kev-get-secrets --user=mia -n NAMESPACE\n" +
        "check it with: kubectl auth can-i get secrets -n NAMESPACE\n",
    });
    expect(await storedOn("OneRefused")).toEqual(["ConfigMap/a", "ConfigMap/b"]);
  });

  describe("-f", () => {
    beforeAll(async () => {
      const folder = join(kev.folder, "deploy");
      await mkdir(join(folder, "more"), { recursive: true });
      await writeFile(join(folder, "1.yaml"), `# two\n---\n${configMap("a")}\n---\n${configMap("b")}\n`);
      const list = {
        apiVersion: "v1",
        kind: "List",
        items: [{ apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }],
      };
      await writeFile(join(folder, "2.json"), JSON.stringify(list));
      await writeFile(join(folder, "notes.txt"), "no manifest");
      await writeFile(join(folder, "more/3.yml"), configMap("d"));
    });

    test.each([
      { reason: "FromFile", args: ["-f", "deploy/1.yaml"], names: ["ConfigMap/a", "ConfigMap/b"] },
      { reason: "FromFolder", args: ["-f", "deploy"], names: ["ConfigMap/a", "ConfigMap/b", "Secret/a"] },
      {
        reason: "FromFolders",
        args: ["-f", "deploy", "-R"],
        names: ["ConfigMap/a", "ConfigMap/b", "ConfigMap/d", "Secret/a"],
      },
      {
        reason: "FromTwo",
        args: ["-f", "deploy/more/3.yml", "-f", "deploy/2.json"],
        names: ["ConfigMap/d", "Secret/a"],
      },
    ])("$args", async ({ reason, args, names }) => {
      const result = await kev("emit", reason, ...args, "-n", namespace, "-q");

      expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(await storedOn(reason)).toEqual(names);
    });

    test("- reads what kubectl prints", async () => {
      const { stdout: stdin } = await cluster.kubectl("get", "cm", "a", "c", "-n", namespace, "-o", "yaml");

      const result = await kev.with({ stdin }, "emit", "FromStdin", "-f", "-");

      expect(masked(result)).toEqual({ code: 0, stdout: "event/a.ID created\nevent/c.ID created\n", stderr: "" });
      expect(await storedOn("FromStdin")).toEqual(["ConfigMap/a", "ConfigMap/c"]);
    });

    test("a manifest of another namespace than -n is an error before anything is written", async () => {
      const manifest = `${configMap("a")}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: prod}}`;

      const result = await kev.with({ stdin: manifest }, "emit", "Elsewhere", "-f", "-", "-n", namespace);

      expect(masked(result, { [namespace]: "NAMESPACE" })).toEqual({
        code: 2,
        stdout: "",
        stderr:
          'error: the namespace from the provided object "prod" does not match the namespace "NAMESPACE". ' +
          "You must pass '--namespace=prod' to perform this operation.\n" +
          'hint: the object is ConfigMap "b" in STDIN:3\n',
      });
      expect(await storedOn("Elsewhere")).toEqual([]);
    });
  });

  test("-m - takes the message from stdin", async () => {
    const result = await kev.with(
      { stdin: "Line one\nLine two\n\n" },
      ...["emit", "Piped", "cm/a", "-m", "-", "-n", namespace, "-o", "jsonpath={.message}"],
    );

    expect(result).toEqual({ code: 0, stdout: "Line one\nLine two", stderr: "" });
  });
});
