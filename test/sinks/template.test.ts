import { describe, expect, test } from "@jest/globals";
import { compileBody, compileEscaped, compileTemplate } from "../../src/sinks/template.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";

const object = { labels: { app: "ui" }, annotations: {}, owners: [] };
const delivery = sampleDelivery({ replayed: true, object, event: storedEvent({ message: 'say "hi"\n<b>' }) });

describe("a template", () => {
  test.each([
    [
      "{{ id }} {{ verb }} {{ delta }} {{ count }} {{ replayed }}",
      "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711 UPDATED 1 3 true",
    ],
    ["{{ cluster.name }} {{ object.labels.app }} {{ object.labels['app'] }}", "prod-eu ui ui"],
    ["{{ event.message | json }}", '"say \\"hi\\"\\n<b>"'],
    ["{{ event.message }}", 'say "hi"\n<b>'],
    [
      "{{ time | date: '%a %e %b %H:%M' }} {{ time | date }}",
      "Mon 23 Nov 09:29 Monday, November 23, 2026 at 9:29 am +0000",
    ],
    ["{{ event.message | truncate: 6 }} {{ event.nope | default: 'none' }}", "say... none"],
    ["[{{ nope }}{{ nope.nope.nope }}{{ event.nope }}]", "[]"],
    ["{% if count > 2 and event.type == 'Warning' %}many{% else %}few{% endif %}", "many"],
    ["{% for label in object.labels %}{{ label[0] }}={{ label[1] }}{% endfor %}", "app=ui"],
    ["{{ event.constructor.name }}{{ event.__proto__ }}{{ event.message.constructor }}", ""],
  ])("%s", (source, text) => {
    expect(compileTemplate(source).render(delivery)).toBe(text);
  });

  test.each([
    ["{{ id", 'x: output "{{ id" not closed (line 1, column 1)'],
    ["a\n  {% if id %}", "x: tag {% if id %} not closed (line 2, column 3)"],
    ["{{ id | nope }}", "x: undefined filter: nope (line 1, column 1)"],
    ["{% include 'secret.txt' %}", 'x: tag "include" not found (line 1, column 1)'],
    ["{% render 'secret.txt' %}", 'x: tag "render" not found (line 1, column 1)'],
    ["{% layout 'secret.txt' %}", 'x: tag "layout" not found (line 1, column 1)'],
    ["{{ object.owners | sample }}", "x: undefined filter: sample (line 1, column 1)"],
  ])("%s is refused", (source, message) => {
    expect(() => compileTemplate(source, "x")).toThrow(expect.objectContaining({ kind: "usage", message }));
  });

  test("that takes too much is no reason to try again", () => {
    const template = compileTemplate("{% for i in (1..100000000) %}x{% endfor %}", "text");
    expect(() => template.render(delivery)).toThrow(
      expect.objectContaining({ retriable: false, message: "text: memory alloc limit exceeded (line 1, column 1)" }),
    );
  });

  test("escapes what comes from the delivery, and nothing else", () => {
    const template = compileEscaped(
      "<b>{{ event.message }}{{ nope }}{{ count }}{{ object.labels }}{{ event.message | raw }}",
      "x",
      (text) => text.replaceAll("<", "&lt;"),
    );
    expect(template.render(delivery)).toBe('<b>say "hi"\n&lt;b>3{"app":"ui"}say "hi"\n<b>');
  });
});

describe("a body", () => {
  test("keeps the type of a single output, and is text else", () => {
    const body = compileBody({
      "{{ id }}": "{{ event.message }}",
      count: "{{ count }}",
      doubled: "{{ count | times: 2 }}",
      text: "{{ count }} times",
      labels: "{{ object.labels }}",
      missing: ["{{ nope }}", "x{{ nope }}"],
      plain: [1, true, null, { deep: "{% if replayed %}yes{% endif %}" }],
    });
    expect(body.render(delivery)).toEqual({
      "{{ id }}": 'say "hi"\n<b>',
      count: 3,
      doubled: 6,
      text: "3 times",
      labels: { app: "ui" },
      missing: ["", "x"],
      plain: [1, true, null, { deep: "yes" }],
    });
    expect(body.render(bareDelivery("a"))).toMatchObject({
      count: 1,
      labels: "",
      plain: [1, true, null, { deep: "" }],
    });
  });

  test("says where its template is wrong", () => {
    expect(() => compileBody({ a: [{ b: "{{" }] })).toThrow(/^body\.a\[0\]\.b: /);
  });
});
