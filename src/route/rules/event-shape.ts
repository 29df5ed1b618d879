import { z } from "zod";

const text = z.string().nullish();
const number = z.number().nullish();
const texts = z.record(z.string(), z.string()).nullish();
const reference = z.looseObject({
  apiVersion: text,
  kind: text,
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  fieldPath: text,
});
const metadata = z.looseObject({
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  creationTimestamp: text,
  labels: texts,
  annotations: texts,
  ownerReferences: z.array(reference).nullish(),
});
const event = z.looseObject({
  metadata,
  involvedObject: reference,
  type: text,
  reason: text,
  message: text,
  action: text,
  source: z.looseObject({ component: text, host: text }).nullish(),
  reportingComponent: text,
  reportingInstance: text,
  count: number,
  firstTimestamp: text,
  lastTimestamp: text,
  eventTime: text,
  series: z.looseObject({ count: number, lastObservedTime: text }).nullish(),
});
const object = z.looseObject({ metadata });

/** What is wrong with the types of an event's or an object's members, which a server checks and a file's writer may not. */
export function shapeProblem(what: "event" | "object", value: unknown): string | undefined {
  const [issue] = (what === "event" ? event : object).safeParse(value).error?.issues ?? [];
  if (issue === undefined) return undefined;
  const wanted = "expected" in issue ? words[String(issue.expected)] : undefined;
  return `${issue.path.join(".")} must be ${wanted ?? "something else"}`;
}

const words: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  object: "a map",
  record: "a map",
  array: "a list",
};
