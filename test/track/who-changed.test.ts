import { describe, expect, test } from "@jest/globals";
import { changesOf } from "../../src/track/changes-of.ts";
import { authorText, entryTimes, managedEntries, whoChanged } from "../../src/track/who-changed.ts";
import { managed, type SampleParts, sampleDeployment } from "./sample-deployment.ts";

const replicas = "spec/replicas";
const image = 'spec/template/spec/containers/{"name":"nginx"}/image';
const [t1, t2] = ["2026-11-23T09:00:00Z", "2026-11-23T09:05:00Z"];

function whoBetween(before: SampleParts, after: SampleParts, isOneWrite = true) {
  const [one, other] = [sampleDeployment(before), sampleDeployment(after)];
  const strip = ({ spec, metadata: { labels } }: typeof one) => ({ metadata: { labels }, spec });
  const { authors, time } = whoChanged({
    changes: changesOf(strip(one), strip(other)),
    times: entryTimes(managedEntries(one)),
    entries: managedEntries(other),
    isOneWrite,
  });
  return { time, who: Object.fromEntries([...authors].map(([path, some]) => [path, some.map(authorText)])) };
}

const created = managed("kubectl-create", t1, [replicas, image, "metadata/labels/app"]);

describe("who has changed it", () => {
  test("a value: who owns it now", () => {
    const before = { managedFields: [created] };
    const after = {
      image: "nginx:1.28",
      managedFields: [managed("kubectl-create", t1, [replicas]), managed("kubectl-set", t2, [image])],
    };
    expect(whoBetween(before, after)).toEqual({
      time: t2,
      who: { "spec.template.spec.containers[nginx].image": ["kubectl-set (Update)"] },
    });
  });

  test("also within the second in which the same manager wrote before", () => {
    const managedFields = [managed("kubectl-edit", t1, [replicas])];
    expect(whoBetween({ managedFields }, { replicas: 3, managedFields }).who).toEqual({
      "spec.replicas": ["kubectl-edit (Update)"],
    });
  });

  test("through scale, whose entry has no time", () => {
    const scale = managed("kube-controller-manager", undefined, [replicas], { subresource: "scale" });
    expect(
      whoBetween(
        { managedFields: [created] },
        { replicas: 3, managedFields: [managed("kubectl-create", t1, [image]), scale] },
      ),
    ).toEqual({
      time: undefined,
      who: { "spec.replicas": ["kube-controller-manager (Update of scale)"] },
    });
  });

  test("several, each of what they own", () => {
    const managedFields = [
      managed("helm", t2, [image], { operation: "Apply" }),
      managed("kubectl-edit", t2, [replicas]),
    ];
    expect(whoBetween({ managedFields: [created] }, { replicas: 3, image: "x", managedFields }, false).who).toEqual({
      "spec.replicas": ["kubectl-edit (Update)"],
      "spec.template.spec.containers[nginx].image": ["helm (Apply)"],
    });
  });

  test("not who has only set the map around it", () => {
    const managedFields = [
      managed("kubectl-create", t1, ["metadata/labels"]),
      managed("kubectl-label", t2, ["metadata/labels/app"]),
    ];
    expect(whoBetween({ managedFields: [created] }, { labels: { app: "x" }, managedFields }).who).toEqual({
      "metadata.labels.app": ["kubectl-label (Update)"],
    });
  });

  test("a value that is set as a whole: who owns the whole", () => {
    const managedFields = [managed("helm", t2, ["spec"], { operation: "Apply" })];
    expect(whoBetween({ managedFields: [created] }, { replicas: 7, managedFields }).who).toEqual({
      "spec.replicas": ["helm (Apply)"],
    });
  });

  test("a removal by Update: nobody knows", () => {
    const managedFields = [managed("kubectl-create", t1, [replicas, image])];
    expect(whoBetween({ labels: { app: "ui" }, managedFields: [created] }, { managedFields })).toEqual({
      time: undefined,
      who: { "metadata.labels.app": [] },
    });
  });

  test("a removal by a write that has set something, too: who made that", () => {
    const managedFields = [managed("kubectl-create", t1, [image]), managed("kubectl-edit", t2, [replicas])];
    const after = { replicas: 3, managedFields };
    expect(whoBetween({ labels: { app: "ui" }, managedFields: [created] }, after).who).toEqual({
      "metadata.labels.app": ["kubectl-edit (Update)"],
      "spec.replicas": ["kubectl-edit (Update)"],
    });
    // Of several writes nobody knows which has removed it.
    expect(whoBetween({ labels: { app: "ui" }, managedFields: [created] }, after, false).who).toEqual({
      "metadata.labels.app": [],
      "spec.replicas": ["kubectl-edit (Update)"],
    });
  });

  test("a removal by Apply, which leaves its time", () => {
    const apply = { operation: "Apply" };
    const before = { labels: { app: "ui" }, managedFields: [managed("flux", t1, ["metadata/labels/app"], apply)] };
    expect(whoBetween(before, { managedFields: [managed("flux", t2, [replicas], apply)] }).who).toEqual({
      "metadata.labels.app": ["flux (Apply)"],
    });
  });

  test("not the one who has only written its status", () => {
    const status = (time: string) =>
      managed("kube-controller-manager", time, ["status/replicas"], { subresource: "status" });
    const before = { labels: { app: "ui" }, managedFields: [created, status(t1)] };
    expect(whoBetween(before, { managedFields: [created, status(t2)] }).who).toEqual({ "metadata.labels.app": [] });
  });

  test("nobody, where the server tells nothing", () => {
    expect(whoBetween({}, { replicas: 3 }).who).toEqual({ "spec.replicas": [] });
  });
});
