import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { main } from "../../src/cli/main.ts";
import { createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { type ChangingSite, startChangingSite } from "../support/changing-site.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { fakeContext } from "../support/fake-context.ts";

let folder: string;
let site: ChangingSite;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-probe-once-"));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  site = await startChangingSite();
  ends.push(() => site.close());
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** With a clock that stands still: whatever a check takes, it takes no time. */
async function run(...argv: string[]) {
  const env = { TOKEN: "s3cr3t" };
  const context = fakeContext({ cwd: folder, env, clock: fakeClock(new Date().toISOString()) });
  const code = await main(["probe", ...argv, "--once"], context);
  const shown = (text: string): string => text.replaceAll(`:${site.port}`, ":PORT");
  return { code, stdout: shown(context.stdout.text), stderr: shown(context.stderr.text) };
}

describe("kev probe --once", () => {
  test("a line for each target in their order, and no secret of their URLs; 3 when one is down", async () => {
    expect(
      await run(`${site.url}a?token=s3cr3t`, "tcp://127.0.0.1:1", `http://u:s3cr3t@127.0.0.1:${site.port}/b#c`),
    ).toEqual({
      code: 3,
      stdout: `http://127.0.0.1:PORT/a is up: 200 OK (0ms)
tcp://127.0.0.1:1 is down: connection refused by 127.0.0.1:1 (0ms)
http://127.0.0.1:PORT/b is up: 200 OK (0ms)
`,
      stderr: "",
    });
  });

  test("targets of a file, with their names; 0 when all are up", async () => {
    const file = `defaults: { headers: { Authorization: { fromEnv: TOKEN } } }
targets:
  - { url: "${site.url}", name: the site, expectBody: wel+come }
`;
    await writeFile(join(folder, "targets.yaml"), file);
    expect(await run("-f", "targets.yaml")).toEqual({
      ...{ code: 0, stdout: "the site is up: 200 OK (0ms)\n", stderr: "" },
    });
  });

  test("two of one name are wrong usage, said before anything is asked", async () => {
    const { length } = site.asked;
    expect(await run(`${site.url}?a`, `${site.url}?b`)).toEqual({
      ...{ code: 2, stdout: "" },
      stderr:
        "error: there are two targets of the name http://127.0.0.1:PORT/\nhint: without a name a target is called by its URL, without its query; a file gives names\n",
    });
    expect(site.asked).toHaveLength(length);
  });

  test("a certificate that runs out soon is told of, and is no outage", async () => {
    const authority = await createCertificateAuthority();
    const notAfter = new Date(Date.now() + 10.5 * 24 * 3_600_000);
    const { certificate: cert, key } = await issueServerCertificate(authority, ["localhost"], { notAfter });
    const server = createHttpsServer({ cert, key }, (_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    ends.push(() => server.close());
    await writeFile(join(folder, "ca.crt"), authority.certificate);
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    expect(await run(url, "--cacert", "ca.crt")).toEqual({
      ...{ code: 0, stdout: `${url} is up: 200 OK (0ms); its certificate expires in 10d\n`, stderr: "" },
    });
    expect((await run(url, "--cacert", "ca.crt", "--certificate-expiry", "10d")).stdout).toBe(
      `${url} is up: 200 OK (0ms)\n`,
    );
  });

  test("certificates that cannot be read are wrong usage, said before anything is asked", async () => {
    const { length } = site.asked;
    expect(await run(site.url, "https://127.0.0.1:1", "--cacert", "gone.crt")).toEqual({
      ...{ code: 2, stdout: "", stderr: `error: open ${join(folder, "gone.crt")}: no such file or directory\n` },
    });
    expect(site.asked).toHaveLength(length);
  });

  test("headers of a file that cannot be read, and of one whose line is none", async () => {
    await writeFile(join(folder, "headers"), "s3cr3t\n");
    expect((await run(site.url, "--header", "@gone")).stderr).toBe("error: open gone: no such file or directory\n");
    expect((await run(site.url, "--header", "@headers")).stderr).toBe(
      'error: invalid argument for "--header" flag: a header is written as Name: value\n',
    );
  });
});
