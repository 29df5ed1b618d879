import { describe, expect, test } from "@jest/globals";
import { defaultSettings } from "../../../src/probe/config/check-settings.ts";
import { type LoadProbeConfigOptions, loadProbeConfig } from "../../../src/probe/config/load-probe-config.ts";

const options: LoadProbeConfigOptions = {
  path: "targets.yaml",
  env: { TOKEN: "s3cr3t", PROXY: "http://u:p@proxy:3128" },
  cwd: "/etc/kev",
  readFile: async () => {
    throw Object.assign(new Error("no"), { code: "ENOENT" });
  },
};

async function problemsOf(text: string): Promise<string[]> {
  try {
    await loadProbeConfig(text, options);
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  throw new Error("There is no problem");
}

describe("loadProbeConfig", () => {
  test("targets, with what the defaults say and what each says itself", async () => {
    const [first, second, third, ...more] = await loadProbeConfig(
      `
defaults:
  on: ingress/ui
  namespace: prod
  interval: 30s
  headers: { Authorization: { fromEnv: TOKEN } }
  tls: { caFile: ca.crt }
targets:
  - url: https://ui.example.com/healthz
    name: ui
    expectStatus: 200,301
    expectBody: '"ok"'
    timeout: 2s
    certificateExpiry: 30d
    headers: { X-Probe: kev }
    proxy: { fromEnv: PROXY }
  - url: tcp://db:5432
    on: svc/db
    interval: 5s
    failures: 1
  - {}
`,
      options,
    );
    const base = {
      ...defaultSettings,
      interval: 30_000,
      headers: { Authorization: "s3cr3t" },
      tls: { ...defaultSettings.tls, caFile: "/etc/kev/ca.crt" },
    };
    expect(first).toMatchObject({
      ...{ name: "ui", on: "ingress/ui", namespace: "prod", url: { shown: "https://ui.example.com/healthz" } },
      settings: {
        ...base,
        expectStatus: [
          { from: 200, to: 200 },
          { from: 301, to: 301 },
        ],
        expectBody: { source: '"ok"' },
        timeout: 2_000,
        certificateExpiry: 30 * 24 * 3_600_000,
        headers: { Authorization: "s3cr3t", "X-Probe": "kev" },
        proxy: "http://u:p@proxy:3128",
      },
    });
    expect(second).toMatchObject({
      name: undefined,
      on: "svc/db",
      settings: { ...base, interval: 5_000, failures: 1 },
    });
    expect(third).toEqual({ name: undefined, url: undefined, on: "ingress/ui", namespace: "prod", settings: base });
    expect(more).toEqual([]);
  });

  test("everything that is wrong, with its place", async () => {
    const text = `
defaults: { intervall: 3s, on: ui }
targets:
  - url: ui.example.com
    interval: 10
    timeout: 1ms
    failures: 0
    expectStatus: 20x
    expectBody: "(("
    method: get
    redirects: samehost
    proxy: ftp://user:secret@x
    connectTo: host
    certificateExpiry: soon
    bodyLimit: [1]
    headers: { "Bad Name": x, Good: "a\\nb", Content-Length: "3" }
    tls: { certFile: a.pem, cafile: b.pem }
    on: [ingress/ui]
  - url: https://a/?x=1
    on: svc/a
  - url: https://a/?x=2
    on: svc/a
    namespace: Prod
  - name: x
    headers: { A: { fromEnv: NOPE }, B: { fromFile: gone } }
  - tcp://x:1
`;
    expect(await problemsOf(text)).toEqual([
      'targets.yaml:2:13: unknown key "intervall" in defaults, did you mean "interval"?',
      'targets.yaml:2:32: on must be TYPE/NAME, like ingress/ui, not "ui"',
      "targets.yaml:4:10: url must start with https://, http://, tcp://, tls:// or dns://",
      'targets.yaml:5:15: interval must be a duration of 1s or more, like 10s, not "10"',
      'targets.yaml:6:14: timeout must be a duration from 10ms to 1h, like 5s, not "1ms"',
      'targets.yaml:7:15: failures must be a number from 1 to 999, not "0"',
      'targets.yaml:8:19: expectStatus must be statuses such as 200, 2xx or 200-399, with commas between them, not "20x"',
      "targets.yaml:9:17: expectBody is not a regular expression of RE2: missing closing ): `((`",
      'targets.yaml:10:13: method must be a method of HTTP without a body, like GET or HEAD, not "get"',
      'targets.yaml:11:16: redirects must be follow, same-host or none, not "samehost"',
      "targets.yaml:12:12: proxy is no URL of http, https or socks5, nor none",
      'targets.yaml:13:16: connectTo must be HOST:PORT, not "host"',
      'targets.yaml:14:24: certificateExpiry must be a time such as 14d or 36h; 0 for never, not "soon"',
      "targets.yaml:15:16: bodyLimit must be a size from 1 on, like 1MiB, not a list",
      "targets.yaml:16:16: headers: a name is none of a header",
      "targets.yaml:16:31: headers: the value of Good holds a line break or another control character",
      "targets.yaml:16:45: headers: Content-Length is not for you to set",
      "targets.yaml:17:10: certFile and keyFile need each other",
      'targets.yaml:17:29: unknown key "cafile" in tls, did you mean "caFile"?',
      "targets.yaml:18:9: on must be a string, not a list",
      "targets.yaml:21:10: the name https://a/ is taken by the target on line 19: give it one of its own",
      'targets.yaml:23:16: namespace "Prod" is no name of a namespace',
      "targets.yaml:24:11: name is for a target with a url: each site of an Ingress has its own",
      "targets.yaml:25:21: the environment variable NOPE is not set",
      "targets.yaml:25:43: open gone: no such file or directory",
      "targets.yaml:26:5: targets[4] must be a map, not a string",
    ]);
  });

  test("without events only the sites of an Ingress need an object", async () => {
    const text = "targets:\n  - url: https://a/\n  - {}\n";
    await expect(loadProbeConfig(text, { ...options, needsObject: false })).rejects.toThrow(
      'targets.yaml:3:5: targets[1] has no "on": the Ingress whose sites are probed',
    );
    const [entry] = await loadProbeConfig("targets: [{ url: https://a/ }]", { ...options, needsObject: false });
    expect(entry).toMatchObject({ on: undefined, url: { shown: "https://a/" } });
  });

  test.each([
    ["", ["targets.yaml:1:1: the file has no targets"]],
    ["targets: []", ["targets.yaml:1:10: targets is empty"]],
    ["targets: x", ["targets.yaml:1:10: targets must be a list"]],
    [
      "targets: [{ url: https://a }]",
      ['targets.yaml:1:11: targets[0] has no "on": the object that its events are about'],
    ],
    [
      "targets: [",
      ["targets.yaml:1:11: Flow sequence in block collection must be sufficiently indented and end with a ]"],
    ],
  ])("%j", async (text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });
});
