import { describe, expect, test } from "@jest/globals";
import { convertTemplate } from "../../../src/route/convert/go-template.ts";
import { convertGoLayout } from "../../../src/route/convert/go-time.ts";
import { compileTemplate } from "../../../src/sinks/template.ts";
import { sampleDelivery } from "../../support/sample-delivery.ts";

describe("convertTemplate", () => {
  test.each([
    ["plain", "plain", "plain"],
    [
      "{{ .Reason }} of {{.InvolvedObject.Kind}}",
      "{{ event.reason }} of {{ event.involvedObject.kind }}",
      "BackOff of Pod",
    ],
    ["a {{- .Type -}} b", "a {{- event.type -}} b", "aWarningb"],
    ["{{ .Count }}", '{{ count | append: "" }}', "3"],
    ["{{ /* why */ }}{{ .Name | upper | trunc 3 }}", "{{ event.metadata.name | upcase | slice: 0, 3 }}", "UI-"],
    ["{{ trim .Source.Host }}", "{{ event.source.host | strip }}", "node-3"],
    ['{{ .Action | default "none" }}', '{{ event.action | default: "none" }}', "none"],
    ["{{ default .Reason .Action }}", "{{ event.action | default: event.reason }}", "BackOff"],
    ['{{ .Reason | replace "Back" "Front" }}', '{{ event.reason | replace: "Back", "Front" }}', "FrontOff"],
    ["{{ toJson .Source }}", undefined, undefined],
    ["{{ .Reason | quote }}", "{{ event.reason | json }}", '"BackOff"'],
    ["{{ .InvolvedObject.Labels.app }}", "{{ object.labels.app }}", "ui"],
    ['{{ index .InvolvedObject.Labels "example.com/x" }}', '{{ object.labels["example.com/x"] }}', "1"],
    ["{{ toJson .InvolvedObject.Labels}}", "{{ object.labels | json }}", '{"app":"ui","example.com/x":"1"}'],
    [
      "{{ .GetTimestampMs }}",
      '{{ event.firstTimestamp | default: event.eventTime | date: "%s%L" }}',
      String(Date.parse("2026-11-23T09:10:00Z")),
    ],
    [
      "{{ .GetTimestampISO8601 }}",
      '{{ event.firstTimestamp | default: event.eventTime | date: "%Y-%m-%dT%H:%M:%S.%LZ" }}',
      "2026-11-23T09:10:00.000Z",
    ],
    ["{{ .ClusterName }}", "{{ cluster.name }}", "prod-eu"],
    ["{{ \"a 'b'\" }}", "{{ \"a 'b'\" }}", "a 'b'"],
  ])("%j becomes %j", (source, text, rendered) => {
    const converted = convertTemplate(source);
    if (text === undefined || rendered === undefined) {
      expect(converted).toEqual({ untranslated: source });
      return;
    }
    expect(converted).toEqual({ text, needsObject: text.includes("object.") && !text.includes("involvedObject") });
    const object = { labels: { app: "ui", "example.com/x": "1" }, annotations: {}, owners: [] };
    expect(compileTemplate(text).render(sampleDelivery({ object }))).toBe(rendered);
  });

  test.each([
    "{{ if .Reason }}",
    "{{ range .Labels }}",
    "{{ $x := .Reason }}",
    '{{ printf "%s" .Reason }}',
    "{{ (.Reason) }}",
    "{{ .Unknown }}",
    "{{ .Labels.a-b }}",
    "{{ trunc .Count .Reason }}",
    "{{ .Reason | toString }}",
    "{{}}",
    '{{ "\\n" }}',
  ])("%j is left to people", (source) => {
    expect(convertTemplate(source)).toEqual({ untranslated: source });
  });

  test("of the whole event is the event", () => {
    expect(convertTemplate("<pre>{{ toPrettyJson . }}</pre>")).toEqual({
      text: "<pre>{{ event | json: 2 }}</pre>",
      needsObject: false,
    });
  });

  test("keeps away from Liquid's own tags", () => {
    expect(convertTemplate("100{% off %}")).toEqual({ untranslated: "{%" });
  });
});

test.each([
  ["2006-01-02", "%Y-%m-%d"],
  ["2006.01", "%Y.%m"],
  ["Jan 02 15:04:05", "%b %d %H:%M:%S"],
  ["January-06", "%B-%y"],
  ["002", "%j"],
  ["100%", undefined],
  ["2006-1-2", undefined],
  ["", ""],
])("the time %j becomes %j", (layout, converted) => {
  expect(convertGoLayout(layout)).toBe(converted);
});
