import { expect, test } from "@jest/globals";
import { defaultSettings } from "../../src/probe/config/check-settings.ts";
import { ingressTargets } from "../../src/probe/ingress-targets.ts";

const path = (text: string) => ({ path: text, pathType: "Prefix", backend: { service: { name: "ui" } } });
const sites = (spec: unknown) => {
  const { targets, skipped } = ingressTargets({ metadata: { name: "ui" }, spec }, defaultSettings);
  return { names: targets.map(({ name }) => name), skipped };
};

test("each host and path once, https where tls has the host", () => {
  expect(
    sites({
      tls: [{ hosts: ["a.example.com", "*.wild.example.com"] }],
      rules: [
        { host: "a.example.com", http: { paths: [path("/"), path("/api"), path("/api")] } },
        { host: "x.wild.example.com", http: { paths: [path("/")] } },
        { host: "x.y.wild.example.com", http: { paths: [path("/")] } },
        { host: "b.example.com" },
      ],
    }),
  ).toEqual({
    names: [
      "https://a.example.com/",
      "https://a.example.com/api",
      "https://x.wild.example.com/",
      "http://x.y.wild.example.com/",
      "http://b.example.com/",
    ],
    skipped: [],
  });
});

test("tls that names no hosts is for all of them", () => {
  expect(sites({ tls: [{ secretName: "x" }], rules: [{ host: "a.example.com" }] }).names).toEqual([
    "https://a.example.com/",
  ]);
});

test("what cannot be probed is said", () => {
  expect(
    sites({
      rules: [
        { http: { paths: [path("/")] } },
        { host: "*.a.example.com" },
        { host: "b", http: { paths: [path("/(.*)")] } },
      ],
    }),
  ).toEqual({
    names: [],
    skipped: [
      "a rule without a host: its address is not the Ingress's to know",
      "*.a.example.com: it stands for any host",
      "a path of b: it is a pattern",
    ],
  });
});

test("an Ingress with a default backend only, and one that is none, have none", () => {
  expect(sites({ defaultBackend: {} })).toEqual({ names: [], skipped: [] });
  expect(sites({ rules: "x" })).toEqual({ names: [], skipped: [] });
});
