import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runGateManifests } from "../../src/cli/run-gate-manifests.ts";
import type { GateManifestsCommandOptions } from "../../src/commands/gate-manifests.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { fakeContext } from "../support/fake-context.ts";
import { parseArgv } from "../support/parse-argv.ts";

const host = "kev-gate.kev-gate.svc";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-manifests-"));
  const authority = await createCertificateAuthority();
  const write = async (name: string, { certificate, key }: Certificate): Promise<void> => {
    await writeFile(join(folder, `${name}.pem`), certificate);
    await writeFile(join(folder, `${name}-key.pem`), key);
  };
  await write("ca", authority);
  await write("other-ca", await createCertificateAuthority("another"));
  // The fake clock stands at 2026-11-23.
  const valid = { notBefore: new Date("2026-01-01T00:00:00Z"), notAfter: new Date("2027-01-01T00:00:00Z") };
  const past = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2020-02-01T00:00:00Z") };
  const future = { notBefore: new Date("2028-01-01T00:00:00Z"), notAfter: new Date("2029-01-01T00:00:00Z") };
  await write("good", await issueServerCertificate(authority, [host], valid));
  await write("localhost", await issueServerCertificate(authority, ["localhost"], valid));
  await write("past", await issueServerCertificate(authority, [host], past));
  await write("future", await issueServerCertificate(authority, [host], future));
  await writeFile(join(folder, "empty.pem"), "");
  await writeFile(join(folder, "garbage.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<string> {
  const { options } = await parseArgv(["gate", "manifests", ...argv]);
  const context = fakeContext({ cwd: folder });
  expect(await runGateManifests(options as GateManifestsCommandOptions, context)).toBe(0);
  return context.stdout.text;
}

const image = ["--image", "kev:1"];
const served = (name: string, ca = "ca"): string[] =>
  [
    ["--ca-bundle", `${ca}.pem`],
    ["--tls-cert-file", `${name}.pem`],
    ["--tls-private-key-file", `${name}-key.pem`],
  ].flat();

describe("what is printed", () => {
  test("a certificate's files become a Secret and the webhook's caBundle", async () => {
    const text = await run(...image, ...served("good"));
    expect(text).toContain("type: kubernetes.io/tls");
    expect(text).toMatch(/^ {4}caBundle: \w+/m);
  });

  test("a Secret that is there already is named", async () => {
    const text = await run(...image, "--ca-bundle", "ca.pem", "--tls-secret", "corp");
    expect(text).toContain("secretName: corp");
    expect(text).not.toContain("kind: Secret");
  });

  test("every knob is where it belongs", async () => {
    const text = await run(
      ...image,
      ..."--cert-manager-issuer ClusterIssuer/corp --name gate -n release --no-create-namespace".split(" "),
      ..."--no-policy --namespace-label gated=yes --exclude-namespace a --exclude-namespace b".split(" "),
      ..."--webhook-timeout 3s --replicas 3 --port 9443 --shutdown-delay 7s --image-pull-policy Always".split(" "),
      ..."--image-pull-secret s --cpu-request 1 --memory-request 1Gi --memory-limit 2Gi".split(" "),
      ..."--node-selector os=linux --priority-class high --bind name --ignore-restarts".split(" "),
    );
    for (const part of [
      "    kind: ClusterIssuer\n    name: corp\n",
      "  - gate.release.svc\n",
      "      gated: yes\n".replace("yes", '"yes"'),
      "      - release\n      - a\n      - b\n",
      "  timeoutSeconds: 3\n",
      "  replicas: 3\n",
      "        - containerPort: 9443\n",
      "        - --shutdown-delay=7s\n",
      "        - --bind=name\n",
      "        - --ignore-restarts\n",
      "        imagePullPolicy: Always\n",
      "      imagePullSecrets:\n      - name: s\n",
      '            cpu: "1"\n            memory: 1Gi\n',
      "            memory: 2Gi\n",
      "      nodeSelector:\n        os: linux\n",
      "      priorityClassName: high\n",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/kind: (Namespace|ValidatingAdmissionPolicy)$/m);
  });

  test("to uninstall it no image, certificate or key is needed, nor printed", async () => {
    const text = await run("--uninstall");
    expect(text).toMatch(/^apiVersion: admissionregistration.k8s.io\/v1\nkind: ValidatingWebhookConfiguration\n/);
    expect(text).toMatch(/kind: Namespace\nmetadata:\n {2}name: kev-gate\n$/);
    expect(text).not.toContain("spec:");
  });

  test("a namespace that is named is somebody's: it is neither made nor taken away, unless that is asked for", async () => {
    for (const flags of [["--uninstall"], [...image, "--cert-manager"]]) {
      expect(await run(...flags, "-n", "prod")).not.toMatch(/^kind: Namespace$/m);
      expect(await run(...flags, "--no-create-namespace")).not.toMatch(/^kind: Namespace$/m);
      expect(await run(...flags, "-n", "prod", "--create-namespace")).toMatch(/^kind: Namespace$/m);
    }
  });
});

test.each<[string, string[]]>([
  ['required flag(s) "image" not set', []],
  ["it is not said where the gate's certificate comes from", image],
  ["--tls-cert-file and --tls-private-key-file go together", [...image, "--tls-cert-file", "good.pem"]],
  ["give it no files", [...image, "--cert-manager", "--ca-bundle", "ca.pem"]],
  [
    "good.pem and ca-key.pem are no certificate and its key",
    [...image, ..."--ca-bundle ca.pem --tls-cert-file good.pem --tls-private-key-file ca-key.pem".split(" ")],
  ],
  [`localhost.pem is not for ${host}, but for DNS:localhost`, [...image, ...served("localhost")]],
  ["past.pem expired at", [...image, ...served("past")]],
  ["future.pem starts at", [...image, ...served("future")]],
  ["good.pem is signed by none of --ca-bundle", [...image, ...served("good", "other-ca")]],
  ["empty.pem holds no certificate in PEM", [...image, "--ca-bundle", "empty.pem"]],
  ["missing.pem: no such file or directory", [...image, "--ca-bundle", "missing.pem"]],
  ['invalid argument "Gate" for "--name" flag', [...image, "--cert-manager", "--name", "Gate"]],
  ['invalid argument "a.b" for "--namespace" flag', [...image, "--cert-manager", "-n", "a.b"]],
  ['invalid argument "a/b/c" for "--cert-manager-issuer" flag', [...image, "--cert-manager-issuer", "a/b/c"]],
  ['invalid argument "0" for "--replicas" flag', [...image, "--cert-manager", "--replicas", "0"]],
  ['invalid argument "31s" for "--webhook-timeout" flag', [...image, "--cert-manager", "--webhook-timeout", "31s"]],
  ['invalid argument "1500ms" for "--webhook-timeout" flag', ["--uninstall", "--webhook-timeout", "1500ms"]],
  ['invalid argument "0" for "--port" flag', [...image, "--cert-manager", "--port", "0"]],
  ['invalid argument "A" for "--name" flag', ["--url", "https://gate/", "--ca-bundle", "ca.pem", "--name", "A"]],
  ['invalid argument "a,b" for "--exclude-namespace" flag', ["--uninstall", "--exclude-namespace", "a,b"]],
  ['invalid argument "a/b" for "--policy-name" flag', ["--uninstall", "--policy-name", "a/b"]],
  ['invalid argument "a=(b" for "--namespace-label" flag', ["--uninstall", "--namespace-label", "a=(b"]],
  ["takes no user, query or fragment", ["--url", "https://gate/x?y", "--ca-bundle", "ca.pem"]],
  ["garbage.pem holds a certificate that cannot be read", ["--url", "https://gate/", "--ca-bundle", "garbage.pem"]],
  ['invalid argument "70000" for "--port" flag', [...image, "--cert-manager", "--port", "70000"]],
  ['required flag(s) "ca-bundle" not set', ["--url", "https://gate/"]],
  ['"http://gate/" is no https:// URL', ["--url", "http://gate/", "--ca-bundle", "ca.pem"]],
  ["--image is for a gate in the cluster, --url for one outside", [...image, "--url", "https://gate/"]],
  ["--bind is for a gate in the cluster", ["--url", "https://gate/", "--ca-bundle", "ca.pem", "--bind", "name"]],
])("%s", async (message, argv) => {
  await expect(run(...argv)).rejects.toMatchObject({ kind: "usage", message: expect.stringContaining(message) });
});
