import { describe, expect, test } from "@jest/globals";
import { dnsQuestion, targetUrl } from "../../../src/probe/config/parse-target-url.ts";

describe("targetUrl", () => {
  test.each([
    ["https://ui.example.com", "https://ui.example.com/"],
    ["https://ui.example.com:8443/a/b", "https://ui.example.com:8443/a/b"],
    ["HTTP://UI.example.com/", "http://ui.example.com/"],
    ["https://u:p@ui.example.com/a?b=c#d", "https://ui.example.com/a"],
    ["tcp://db:5432", "tcp://db:5432"],
    ["tcp://db:80/", "tcp://db:80"],
    ["tcp://[::1]:5432", "tcp://[::1]:5432"],
    ["tls://ldap:636", "tls://ldap:636"],
    ["dns://ui.example.com", "dns://ui.example.com"],
    ["dns://10.0.0.10:5353/ui.example.com?type=mx", "dns://10.0.0.10:5353/ui.example.com?type=MX"],
    ["dns://[2001:db8::1]/ui.example.com", "dns://[2001:db8::1]/ui.example.com"],
  ])("%s is shown as %s", (text, shown) => {
    expect(targetUrl(text).shown).toBe(shown);
  });

  test.each([
    ["ui.example.com", '"ui.example.com" must start with https://, http://, tcp://, tls:// or dns://'],
    ["ftp://ui", '"ftp://ui" must start with https://, http://, tcp://, tls:// or dns://'],
    ["https://", '"https://" is no URL with a host, like https://ui.example.com'],
    ["https://user:secret@", "a URL is no URL with a host, like https://ui.example.com"],
    ["tcp://db", '"tcp://db" has no port, like tcp://db.example.com:5432'],
    ["tcp://db:5432/x", '"tcp://db:5432/x" is tcp://HOST:PORT and no more'],
    ["tcp://user:secret@db:5432", "a URL holds a user, which tcp has none of"],
    [
      "dns://ns1.example.com/ui.example.com",
      '"dns://ns1.example.com/ui.example.com" names a server by its name: write its address, like dns://10.0.0.10/ui.example.com',
    ],
    ["dns://ui.example.com?type=FOO", "a URL asks for no type of A, AAAA, CNAME, MX, NS, PTR, SRV, TXT"],
  ])("%s is refused", (text, message) => {
    expect(() => targetUrl(text)).toThrow(message);
  });
});

test("a DNS URL names the server where it has a path", () => {
  const question = (text: string) => dnsQuestion(targetUrl(text).url);
  expect(question("dns://ui.example.com")).toEqual({ name: "ui.example.com", server: undefined, type: "A" });
  expect(question("dns://10.0.0.10:5353/ui.example.com?type=mx")).toEqual({
    ...{ name: "ui.example.com", server: "10.0.0.10:5353", type: "MX" },
  });
});
