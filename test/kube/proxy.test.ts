import { describe, expect, test } from "@jest/globals";
import { proxyFor } from "../../src/kube/proxy.ts";

const via = (server: string, env: Record<string, string>, proxyUrl = "") =>
  proxyFor(new URL(server), proxyUrl, env)?.href;
const all = { HTTPS_PROXY: "http://proxy:3128", HTTP_PROXY: "http://plain:3128" };

describe("which proxy", () => {
  test("by the server's scheme", () => {
    expect(via("https://host:6443", all)).toBe("http://proxy:3128/");
    expect(via("http://host", all)).toBe("http://plain:3128/");
    expect(via("https://host", { HTTP_PROXY: "http://plain" })).toBeUndefined();
  });

  test("lower-case names count when the upper-case ones are empty", () => {
    expect(via("https://host", { HTTPS_PROXY: "", https_proxy: "http://low:1" })).toBe("http://low:1/");
    expect(via("https://host", { ...all, no_proxy: "host" })).toBeUndefined();
  });

  test("host and port alone mean http", () => {
    expect(via("https://host", { HTTPS_PROXY: "proxy:3128" })).toBe("http://proxy:3128/");
  });

  test("the kubeconfig's before the environment's, whatever NO_PROXY says, for loopback servers too", () => {
    expect(via("https://127.0.0.1:6443", { ...all, NO_PROXY: "*" }, "socks5://own:1080")).toBe("socks5://own:1080");
  });

  test.each(["https://localhost:6443", "https://127.0.0.1", "https://127.8.0.1", "https://[::1]:6443"])(
    "none for %s",
    (server) => expect(via(server, all)).toBeUndefined(),
  );
});

describe("refused", () => {
  test("HTTP_PROXY in a CGI program, where it is what a client sent", () => {
    expect(() => via("http://host", { ...all, REQUEST_METHOD: "GET" })).toThrow(
      expect.objectContaining({
        line: "Unable to connect to the server: refusing to use HTTP_PROXY value in CGI environment; see golang.org/s/cgihttpproxy",
      }),
    );
    expect(via("https://host", { ...all, REQUEST_METHOD: "GET" })).toBe("http://proxy:3128/");
    expect(via("http://host", { REQUEST_METHOD: "GET" })).toBeUndefined();
  });

  test("a scheme that no proxy has", () => {
    expect(() => via("https://host", { HTTPS_PROXY: "socks4://me:s3cret@proxy" })).toThrow(
      expect.objectContaining({
        line: 'Unable to connect to the server: unsupported scheme "socks4" in HTTPS_PROXY, must be http, https, socks5 or socks5h',
      }),
    );
    expect(via("https://host", { HTTPS_PROXY: "socks5h://proxy" })).toBe("socks5h://proxy");
  });
});

describe("NO_PROXY", () => {
  test.each([
    ["*", "https://host", false],
    ["example.com", "https://example.com", false],
    ["example.com", "https://a.example.com", false],
    ["example.com", "https://badexample.com", true],
    [".example.com", "https://a.example.com", false],
    [".example.com", "https://example.com", true],
    ["*.example.com", "https://a.example.com", false],
    ["EXAMPLE.com", "https://example.com", false],
    ["example.com:6443", "https://example.com:6443", false],
    ["example.com:6443", "https://example.com", true],
    ["example.com:443", "https://example.com", false],
    ["other, example.com ,", "https://example.com", false],
    ["10.0.0.0/8", "https://10.1.2.3:6443", false],
    ["10.0.0.0/8", "https://11.1.2.3:6443", true],
    ["10.0.0.0/8", "https://ten.example", true],
    ["fd00::/8", "https://[fd00::1]", false],
    ["10.1.2.3", "https://10.1.2.3", false],
    ["10.1.2.3:6443", "https://10.1.2.3:6443", false],
    ["10.1.2.3:6443", "https://10.1.2.3:443", true],
    ["[fd00::1]:6443", "https://[fd00::1]:6443", false],
    ["fd00::1", "https://[fd00:0::1]:6443", false],
    ["2.3", "https://10.1.2.3", true],
    ["10.0.0.0/99", "https://10.1.2.3", true],
    [":80", "http://host", true],
  ])("%s and %s: proxied %s", (noProxy, server, proxied) => {
    expect(via(server, { ...all, NO_PROXY: noProxy }) !== undefined).toBe(proxied);
  });
});
