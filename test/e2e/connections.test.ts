import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import type { Duplex } from "node:stream";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { parse } from "yaml";
import { freePort } from "../control-plane/free-port.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();
const created = { code: 0, stdout: "event/ui-server.ID created\n", stderr: "" };

describe.each(nodeVersions)("ways to the server, on $name", (node) => {
  let kev: Kev;
  let namespace: string;
  let token: string;

  beforeAll(async () => {
    kev = await installedKev(node, cluster.adminKubeconfig);
    namespace = await uniqueNamespace("ways");
    await cluster.kubectl("create", "deployment", "ui-server", "--image=nginx:1.27", "--replicas=0", "-n", namespace);
    const editor = ["create", "rolebinding", "edit", "--clusterrole=edit", `--serviceaccount=${namespace}:default`];
    await cluster.kubectl(...editor, "-n", namespace);
    token = await cluster.tokenFor("default", namespace);
  });

  const emitWith = async (user: Record<string, unknown>, ...args: string[]) => {
    const kubeconfig = await cluster.kubeconfigWith(user, namespace);
    return masked(await kev("emit", "Reached", "ui-server", "--kubeconfig", kubeconfig, ...args));
  };

  test("a token, and a file with one", async () => {
    expect(await emitWith({ token })).toEqual(created);
    await writeFile(join(kev.folder, "token"), `${token}\n`);
    expect(await emitWith({ tokenFile: join(kev.folder, "token") })).toEqual(created);
  });

  test("a client certificate", async () => {
    const kubeconfig = await cluster.kubeconfigFor({ user: "anna", groups: ["system:masters"], namespace });
    expect(masked(await kev("emit", "Reached", "ui-server", "--kubeconfig", kubeconfig))).toEqual(created);
  });

  test("a credential plug-in, which is told of the cluster and speaks to the person", async () => {
    const plugin = join(kev.folder, "plugin");
    const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token } };
    await writeFile(
      plugin,
      `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >info.json\necho "visit the login page" >&2\necho '${JSON.stringify(credential)}'\n`,
    );
    await chmod(plugin, 0o755);
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: plugin, interactiveMode: "IfAvailable" };
    const result = await emitWith({ exec: { ...exec, provideClusterInfo: true } });
    expect(result).toEqual({ ...created, stderr: "visit the login page\n" });
    expect(JSON.parse(await readFile(join(kev.folder, "info.json"), "utf8"))).toMatchObject({
      kind: "ExecCredential",
      apiVersion: "client.authentication.k8s.io/v1",
      spec: { interactive: false, cluster: { server: cluster.server } },
    });
  });

  test("several groups to impersonate: each grants its own right", async () => {
    for (const [group, role, ...rights] of [
      ["getters", "get-deployments", "--verb=get", "--resource=deployments.apps"],
      ["writers", "create-events", "--verb=create", "--resource=events"],
    ] as const) {
      await cluster.kubectl("create", "role", role, ...rights, "-n", namespace);
      await cluster.kubectl("create", "rolebinding", role, `--role=${role}`, `--group=${group}`, "-n", namespace);
    }
    const as = ["emit", "Reached", "ui-server", "-n", namespace, "--as", "jane", "--as-group", "getters"];
    expect(masked(await kev(...as, "--as-group", "writers"))).toEqual(created);
    expect(await kev(...as)).toMatchObject({ code: 4, stdout: "" });
  });

  test("a list in KUBECONFIG: the first file wins for a name and for the current context, missing files are skipped", async () => {
    const admin = await readFile(cluster.adminKubeconfig, "utf8");
    const [first, second] = [join(kev.folder, "first"), join(kev.folder, "second")];
    await writeFile(
      first,
      `current-context: mine\ncontexts: [{name: mine, context: {cluster: kev-test, user: sa, namespace: ${namespace}}}]\nusers: [{name: sa, user: {token: "${token}"}}]\n`,
    );
    await writeFile(second, `${admin.replace(/^current-context:.*$/m, "current-context: other")}`);
    const env = { KUBECONFIG: [join(kev.folder, "missing"), first, second].join(delimiter) };
    expect(masked(await kev.with({ env }, "emit", "approve", "ui-server"))).toEqual(created);
    const approver = "-o=jsonpath={.metadata.annotations.kev\\.dev/approver}";
    const { stdout } = await kev.with({ env }, "emit", "approve", "ui-server", approver);
    expect(stdout).toBe(`system:serviceaccount:${namespace}:default`);
  });

  test("a plain http server, as kubectl proxy is", async () => {
    const port = await freePort();
    const ca = await readFile(cluster.caFile);
    // What `kubectl proxy` does: the credentials are the proxy's own.
    const proxy = createServer((incoming, outgoing) => {
      const { authorization: _own, ...headers } = incoming.headers;
      const options = { ca, method: incoming.method, headers: { ...headers, authorization: `Bearer ${token}` } };
      const onward = secureRequest(`${cluster.server}${incoming.url}`, options, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(port, "127.0.0.1", resolve));
    const env = { KUBECONFIG: "/dev/null" };
    const args = ["emit", "Reached", "ui-server", "-n", namespace, "-s", `http://127.0.0.1:${port}`];
    const result = await kev.with({ env }, ...args);
    proxy.closeAllConnections();
    proxy.close();
    expect(masked(result)).toEqual(created);
  });

  test("through an HTTP proxy that the kubeconfig names", async () => {
    const port = await freePort();
    const asked: string[] = [];
    const sockets: Duplex[] = [];
    const proxy = createServer().on("connect", (incoming, socket) => {
      asked.push(incoming.url ?? "");
      const { hostname, port: onward } = new URL(cluster.server);
      const server = connect(Number(onward), hostname, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
      sockets.push(server, socket);
      server.pipe(socket).pipe(server);
      for (const end of [server, socket]) end.on("error", () => undefined);
    });
    const kubeconfig = join(kev.folder, "proxied");
    const admin = await readFile(await cluster.kubeconfigWith({ token }, namespace), "utf8");
    await writeFile(kubeconfig, withProxy(admin, `http://127.0.0.1:${port}`));
    await new Promise<void>((resolve) => proxy.listen(port, "127.0.0.1", resolve));
    const result = await kev("emit", "Reached", "ui-server", "--kubeconfig", kubeconfig);
    for (const socket of sockets) socket.destroy();
    proxy.close();
    expect(masked(result)).toEqual(created);
    expect(new Set(asked)).toEqual(new Set([new URL(cluster.server).host]));
  });

  test("discovery is kept where kubectl keeps its own, beside it", async () => {
    await mkdir(join(kev.folder, "cache"), { recursive: true });
    // A type that kev does not know by itself, nor the server.
    const args = ["emit", "Reached", "widgets/x", "-n", namespace, "--cache-dir", "cache"];
    expect(await kev(...args)).toMatchObject({ code: 5 });
    const host = new URL(cluster.server).host.replace(":", "_");
    const kept = JSON.parse(await readFile(join(kev.folder, "cache/discovery", host, "kev/types.json"), "utf8"));
    expect(JSON.stringify(kept)).toContain("deployments");
  });
});

/** A kubeconfig whose cluster is reached through a proxy. */
function withProxy(kubeconfig: string, proxy: string): string {
  const config = parse(kubeconfig) as { clusters: { cluster: Record<string, unknown> }[] };
  for (const { cluster: settings } of config.clusters) settings["proxy-url"] = proxy;
  return JSON.stringify(config);
}
