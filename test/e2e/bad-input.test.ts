import { chmod, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { freePort } from "../control-plane/free-port.ts";
import { createCertificateAuthority } from "../support/certificates.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();

/** Takes connections and never says a word. */
let silent: Server;
let silentPort: number;

beforeAll(async () => {
  silentPort = await freePort();
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(silentPort, "127.0.0.1", resolve));
});
afterAll(() => {
  silent.close();
});

// Each row: what is typed after `kev emit`, the exit code of design §2, all of stderr. NS stands for the namespace.
describe.each(nodeVersions)("bad input, on $name", (node) => {
  let kev: Kev;
  let namespace: string;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("bad");
    await cluster.kubectl("create", "deployment", "ui-server", "--image=nginx:1.27", "--replicas=0", "-n", namespace);
    await writeFile(join(kev.folder, "broken.yaml"), "kind: Deployment\nmetadata: [\n");
    await writeFile(join(kev.folder, "no-version.yaml"), "kind: Deployment\nmetadata: {name: x}\n");
    await writeFile(
      join(kev.folder, "bad-config.yaml"),
      "presetz: {}\npresets:\n  A: {reason: x}\n  ok: {reason: Good, typ: Normal}\n",
    );
    const { certificate } = await createCertificateAuthority("Somebody else");
    await writeFile(join(kev.folder, "other-ca.pem"), certificate);
  });

  const emit = async (...args: string[]) => {
    const result = masked(await kev("emit", ...args), { [namespace]: "NS" });
    expect(result.stdout).toBe("");
    return { code: result.code, stderr: result.stderr };
  };

  const events = async (): Promise<string> => {
    const selector = "--field-selector=reportingComponent=kev";
    return (await cluster.kubectl("get", "events", "-n", namespace, selector, "-o", "name")).stdout;
  };

  afterAll(async () => {
    expect(await events()).toBe("");
  });

  test.each<[args: string, code: number, stderr: string]>([
    ["ui-server --context nope", 5, 'error: context "nope" does not exist\nhint: there is kev-test\n'],
    [
      "ui-server -n kev-no-such-namespace",
      5,
      'Error from server (NotFound): namespaces "kev-no-such-namespace" not found\n',
    ],
    [
      "deploymnt/ui-server",
      5,
      'error: the server doesn\'t have a resource type "deploymnt"\nhint: the nearest types are deployments.apps\n',
    ],
    [
      "ui-sever",
      5,
      'Error from server (NotFound): deployments.apps "ui-sever" not found\nhint: did you mean ui-server?\n',
    ],
    ["pods -l app=none", 5, "No resources found in NS namespace.\n"],
    [
      "ui-server --as jane",
      4,
      `Error from server (Forbidden): deployments.apps "ui-server" is forbidden: User "jane" cannot get resource "deployments" in API group "apps" in the namespace "NS"
hint: jane lacks the right to get deployments.apps in namespace NS; who may can grant it:
  kubectl create role kev-get-deployments --verb=get --resource=deployments.apps -n NS
  kubectl create rolebinding kev-get-deployments --role=kev-get-deployments --user=jane -n NS
check it with: kubectl auth can-i get deployments.apps -n NS
`,
    ],
    [
      "ui-server --as jane --as-group nobody",
      4,
      `Error from server (Forbidden): deployments.apps "ui-server" is forbidden: User "jane" cannot get resource "deployments" in API group "apps" in the namespace "NS"
hint: jane lacks the right to get deployments.apps in namespace NS; who may can grant it:
  kubectl create role kev-get-deployments --verb=get --resource=deployments.apps -n NS
  kubectl create rolebinding kev-get-deployments --role=kev-get-deployments --user=jane -n NS
check it with: kubectl auth can-i get deployments.apps -n NS
`,
    ],
    [
      "ui-server --certificate-authority other-ca.pem",
      6,
      "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority\n" +
        "hint: the certificate-authority of the kubeconfig is not the one that signed the server's certificate; --certificate-authority names another file\n",
    ],
    [
      "ui-server -s https://nohost.invalid",
      6,
      "Unable to connect to the server: dial tcp: lookup nohost.invalid: no such host\n",
    ],
    [`ui-server --type Error`, 2, 'error: type "Error" is not one of Normal, Warning\n'],
    [
      "ui-server --label a=b,c",
      2,
      "error: label a has the value \"b,c\"; a label value has at most 63 letters, digits, '-', '_' or '.'\n",
    ],
    [
      "ui-server --annotation a/b/c=d",
      2,
      'error: annotation key "a/b/c" is not a qualified name\nhint: like build-number or example.com/build\n',
    ],
    [
      "ui-server --at tomorrow",
      2,
      'error: invalid time "tomorrow"\nhint: like 2026-11-23T09:30:00Z, or 5m for five minutes ago\n',
    ],
    [
      "ui-server --config bad-config.yaml",
      2,
      `bad-config.yaml:1:1: unknown key "presetz" in the config file, did you mean "presets"?
bad-config.yaml:3:3: preset name "A" must be lower-case letters, digits and "-", beginning with a letter
bad-config.yaml:3:15: reason "x" is not UpperCamelCase, like "SmokeTested"
bad-config.yaml:4:22: unknown key "typ" in preset "ok", did you mean "type"?
`,
    ],
    [
      "-f broken.yaml",
      2,
      "error: error parsing broken.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]\n",
    ],
    ["-f no-version.yaml", 2, "error: no-version.yaml:1: Object 'apiVersion' is missing\n"],
    ["-f nope.yaml", 2, 'error: the path "nope.yaml" does not exist\n'],
    ["a/b/c", 2, "error: arguments in resource/name form may not have more than one slash\n"],
    ["ui-server --nmespace x", 2, "error: unknown flag: --nmespace\nhint: did you mean --namespace or --message?\n"],
  ])("%s", async (args, code, stderr) => {
    const given = args.includes("kev-no-such-namespace") ? [] : ["-n", namespace];
    expect(await emit("Bad", ...args.split(" "), ...given)).toEqual({ code, stderr });
  });

  test("a message or a reason that is too long", async () => {
    expect(await emit("Bad", "ui-server", "-n", namespace, "-m", "x".repeat(1025))).toEqual({
      code: 2,
      stderr: "error: message is 1025 bytes long, the limit is 1024\nhint: shorten it, or let --truncate cut it\n",
    });
    expect(await emit("B".repeat(129), "ui-server", "-n", namespace)).toEqual({
      code: 2,
      stderr: "error: reason is 129 bytes long, the limit is 128\nhint: shorten the reason\n",
    });
  });

  test("presets and commands that are not", async () => {
    expect(await emit("aprove", "ui-server", "-n", namespace)).toEqual({
      code: 2,
      stderr: 'error: no such preset "aprove"\nhint: did you mean approve? a reason is written in UpperCamelCase\n',
    });
    expect(await kev("emti", "approve", "ui-server")).toEqual({
      code: 2,
      stdout: "",
      stderr: 'error: unknown command "emti" for "kev"\nhint: did you mean emit?\n',
    });
  });

  test("no server: said at the end of the retries, or at once", async () => {
    const port = await freePort();
    const stderr = `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?\n`;
    for (const timeout of ["1s", "0"]) {
      const args = ["Bad", "ui-server", "-s", `https://127.0.0.1:${port}`, "--retry-timeout", timeout];
      expect(await emit(...args)).toEqual({ code: 6, stderr });
    }
  });

  test("a server that never answers", async () => {
    const server = `http://127.0.0.1:${silentPort}`;
    const args = ["Bad", "ui-server", "-s", server, "--request-timeout", "1s", "--retry-timeout", "0"];
    expect(await emit(...args)).toEqual({
      code: 6,
      stderr: expect.stringMatching(
        /^Unable to connect to the server: .*\(Client\.Timeout exceeded while awaiting headers\)\n$/,
      ),
    });
  });

  test("no login: a token that is none, a plug-in that fails, a plug-in that is not there", async () => {
    const failing = join(kev.folder, "failing-plugin");
    await writeFile(failing, "#!/bin/sh\necho 'the login server is away' >&2\nexit 3\n");
    await chmod(failing, 0o755);
    const exec = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" };
    const rows: [object, string][] = [
      [
        { token: "nonsense" },
        "error: You must be logged in to the server (Unauthorized)\n" +
          "hint: log in again, or check the user of your kubeconfig's context: kubectl config view --minify\n",
      ],
      [
        { exec: { ...exec, command: failing } },
        `the login server is away\nUnable to connect to the server: getting credentials: exec: executable ${failing} failed with exit code 3\n`,
      ],
      [
        { exec: { ...exec, command: "kev-no-such-plugin", installHint: "Ask Jane for it" } },
        "Unable to connect to the server: getting credentials: exec: executable kev-no-such-plugin not found\nhint: Ask Jane for it\n",
      ],
    ];
    for (const [user, stderr] of rows) {
      const kubeconfig = await cluster.kubeconfigWith(user as Record<string, unknown>, namespace);
      expect(await emit("Bad", "ui-server", "--kubeconfig", kubeconfig)).toEqual({ code: 4, stderr });
    }
  });

  test("may read the object, but not write events: the Role that is missing", async () => {
    const user = `reader-${namespace}`;
    await cluster.kubectl("create", "rolebinding", "view", "--clusterrole=view", `--user=${user}`, "-n", namespace);
    const kubeconfig = await cluster.kubeconfigFor({ user, namespace });
    expect(await emit("Bad", "ui-server", "--kubeconfig", kubeconfig)).toEqual({
      code: 4,
      stderr: `Error from server (Forbidden): events is forbidden: User "reader-NS" cannot create resource "events" in API group "" in the namespace "NS"
hint: reader-NS lacks the right to create events in namespace NS; who may can grant it:
  kubectl create role kev-create-events --verb=create --resource=events -n NS
  kubectl create rolebinding kev-create-events --role=kev-create-events --user=reader-NS -n NS
check it with: kubectl auth can-i create events -n NS
`,
    });
  });

  test("a namespace that is being deleted", async () => {
    const ending = await uniqueNamespace("ending");
    // Something that may not go keeps the namespace in between.
    await cluster.apply(
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: stays, finalizers: [example.com/stay]}}",
      ending,
    );
    await cluster.kubectl("delete", "namespace", ending, "--wait=false");
    const result = masked(await kev("emit", "Bad", "configmap/stays", "-n", ending), { [ending]: "NS" });
    await cluster.kubectl(
      "patch",
      "configmap",
      "stays",
      "-n",
      ending,
      "--type=json",
      '-p=[{"op":"remove","path":"/metadata/finalizers"}]',
    );
    expect(result).toEqual({
      code: 4,
      stdout: "",
      stderr:
        'Error from server (Forbidden): events "stays.ID" is forbidden: unable to create new content in namespace NS because it is being terminated\n' +
        "hint: the namespace is being deleted and takes no new objects\n",
    });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends the waiting, and nothing has been written", async (signal, code) => {
    const running = kev.start({}, "emit", "Bad", "ui-server", "-s", `http://127.0.0.1:${silentPort}`);
    // It has opened its connection when the server has taken it.
    await new Promise<void>((resolve) => silent.once("connection", () => resolve()));
    running.kill(signal);
    expect(await running.ended).toEqual({ code, stdout: "", stderr: "error: interrupted; no event was sent\n" });
  });

  test("a reader that has gone", async () => {
    const line = "kev presets | true; kev presets -o json 2>&1 >/dev/full; echo done";
    expect(await kev.shell(line)).toMatchObject({ code: 0, stdout: expect.stringContaining("done\n") });
    expect(await kev.shell("kev presets | head -n 1")).toMatchObject({ code: 0, stderr: "" });
  });

  test("what a server says reaches the terminal only as text", async () => {
    const message = "x\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e";
    const rude = createHttpServer((_request, response) => {
      response.writeHead(403, { "content-type": "application/json", warning: '299 - "mind the gap"' });
      response.end(JSON.stringify({ kind: "Status", status: "Failure", reason: "Forbidden", message, code: 403 }));
    });
    const port = await freePort();
    await new Promise<void>((resolve) => rude.listen(port, "127.0.0.1", resolve));
    const result = await emit("Bad", "ui-server", "-s", `http://127.0.0.1:${port}`);
    rude.close();
    expect(result).toEqual({
      code: 4,
      stderr: "Warning: mind the gap\n" + "Error from server (Forbidden): x^[]0;owned\\u0007^[[2J\\u009b31m\\u202e\n",
    });
  });
});
