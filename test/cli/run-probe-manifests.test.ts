import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { main } from "../../src/cli/main.ts";
import { type FakeContext, fakeContext } from "../support/fake-context.ts";
import { golden } from "../support/golden.ts";

let folder: string;

const targets = `defaults: { on: ingress/ui, namespace: prod }
targets:
  - {}
  - url: https://api.example.com/healthz
    on: svc/api
    headers: { Authorization: { fromEnv: TOKEN } }
  - url: tcp://db.example.com:5432
    on: databases.example.com/main
    namespace: data
  - url: tcp://node-1:10250
    on: node/node-1
`;

const secrets = `defaults: { on: ingress/ui, namespace: prod, proxy: "u:s3cr3t@proxy:3128" }
targets:
  - url: https://a
    headers: { authorization: Bearer s3cr3t, Accept: text/html }
  - url: https://u:s3cr3t@b?@
    headers: { X-Api-Key: s3cr3t }
    proxy: none
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-probe-manifests-"));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write("targets.yaml", targets);
  await write("files.yaml", "targets: [{ on: ing/ui, url: https://a, tls: { caFile: ca.crt } }]\n");
  await write("unknown.yaml", "targets: [{ on: databases/main, url: https://a }]\n");
  await write("secrets.yaml", secrets);
  await write("versions.yaml", "targets: [{ on: widgets.v1beta1.example.com/x, url: https://a }]\n");
  await write("none.yaml", "targets: [{ url: https://a }]\n");
  await write("empty.yaml", "");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<FakeContext & { code: number }> {
  const context = fakeContext({ cwd: folder });
  const code = await main(["probe", "manifests", ...argv], context);
  return { ...context, code };
}

describe("kev probe manifests", () => {
  test("a probe with a file of targets", async () => {
    const { code, stdout, stderr } = await run("--image", "kev:1", "-f", "targets.yaml", "--env-from-secret", "probe");
    expect(code).toBe(0);
    expect(stdout.text).toBe(golden("probe-manifests.yaml", stdout.text));
    expect(stderr.text).toBe(
      "note: the Secret probe must have TOKEN\nnote: databases.example.com: taken for types whose objects have a namespace\n",
    );
  });

  test("secrets that the ConfigMap would show, which are not shown here", async () => {
    const { stderr } = await run("--image", "kev:1", "-f", "secrets.yaml");
    expect(stderr.text).toBe(
      "Warning: the file of targets shows the user in proxy, the header authorization, the header X-Api-Key, the user in url to all who may read the ConfigMap: write fromEnv, and --env-from-secret\n",
    );
  });

  test("a version before the group of a custom type is none of it", async () => {
    const { stdout } = await run("--image", "kev:1", "-f", "versions.yaml");
    const [, , role] = parseAllDocuments(stdout.text).map((document) => document.toJS());
    expect(role.rules[0]).toMatchObject({ apiGroups: ["example.com"], resources: ["widgets"], resourceNames: ["x"] });
  });

  test("every knob is where it belongs", async () => {
    const { stdout, stderr } = await run(
      ..."--image kev:1 -f files.yaml --name pinger -n infra --create-namespace --targets-namespace prod".split(" "),
      ..."--write-every 1m --port 8080 --service-monitor --memory-limit 1Gi".split(" "),
    );
    const objects = parseAllDocuments(stdout.text).map((document) => document.toJS());
    expect(objects.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ?? ""}/${name}`)).toEqual([
      "Namespace /infra",
      "ServiceAccount infra/pinger",
      "Role prod/infra:pinger",
      "RoleBinding prod/infra:pinger",
      "ConfigMap infra/pinger",
      "Service infra/pinger",
      "Deployment infra/pinger",
      "ServiceMonitor infra/pinger",
    ]);
    expect(objects[6].spec.template.spec.containers[0]).toMatchObject({
      args: [
        ...["probe", "--filename=/etc/kev/targets.yaml", "--namespace=prod", "--listen=:8080", "--write-every=1m"],
      ],
      resources: { limits: { memory: "1Gi" } },
    });
    expect(stderr.text).toBe("Warning: the file of targets reads ca.crt, which the Pod does not have: mount it\n");
  });

  test("what takes it away again, the last first", async () => {
    const { stdout } = await run("-f", "files.yaml", "--uninstall");
    const kinds = parseAllDocuments(stdout.text).map((document) => document.toJS().kind);
    expect(kinds).toEqual([
      ...["Deployment", "Service", "ConfigMap", "RoleBinding", "Role", "ServiceAccount", "Namespace"],
    ]);
  });

  test.each([
    [
      "-f unknown.yaml --image x",
      "error: unknown.yaml: the type of databases/main is none of Kubernetes itself: write PLURAL.GROUP/NAME\n",
    ],
    ["-f none.yaml --image x", 'error: none.yaml: a target has no "on": the object that its events are about\n'],
    ["-f empty.yaml --image x", "error: empty.yaml: a file of targets is a map with a list of targets\n"],
    ["-f gone.yaml --image x", "error: open gone.yaml: no such file or directory\n"],
    ["--image x", 'error: required flag(s) "filename" not set\nhint: the targets say what the probe may read\n'],
    ["-f files.yaml --image x --uninstall", "error: --uninstall needs no image\n"],
  ])("%s", async (line, message) => {
    const { code, stdout, stderr } = await run(...line.split(" "));
    expect({ code, stdout: stdout.text, stderr: stderr.text }).toEqual({ code: 2, stdout: "", stderr: message });
  });
});
