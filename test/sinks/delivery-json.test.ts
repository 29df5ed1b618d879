import { expect, test } from "@jest/globals";
import { deliveryJson } from "../../src/sinks/delivery-json.ts";
import { bareDelivery } from "../support/sample-delivery.ts";

const event = { metadata: { uid: "a" }, involvedObject: {} };

test("a delivery's members are always in the same order, and what is not there is left out", () => {
  const object = { labels: {}, annotations: {}, owners: [] };
  const more = { object, event, cluster: { name: "eu" }, replayed: true };
  expect(deliveryJson({ ...more, ...bareDelivery("a"), event })).toBe(
    '{"id":"a/1","verb":"ADDED","delta":1,"count":1,"time":"2026-11-23T09:30:00.000Z","replayed":true,' +
      '"cluster":{"name":"eu"},"event":{"metadata":{"uid":"a"},"involvedObject":{}},' +
      '"object":{"labels":{},"annotations":{},"owners":[]}}',
  );
  expect(deliveryJson({ ...bareDelivery("a"), event, replayed: false })).toBe(
    '{"id":"a/1","verb":"ADDED","delta":1,"count":1,"time":"2026-11-23T09:30:00.000Z",' +
      '"event":{"metadata":{"uid":"a"},"involvedObject":{}}}',
  );
});
