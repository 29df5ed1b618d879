import { describe, expect, test } from "@jest/globals";
import { type ObjectArguments, parseObjectArguments } from "../../src/kube/object-arguments.ts";

const types = ["deployment", "deploy", "sts", "job"];

/** What is read, and which words were asked about. */
async function read(args: string[], rest: Partial<ObjectArguments> = {}): Promise<unknown> {
  const asked: string[] = [];
  const selection = await parseObjectArguments({ args, defaultKind: "Deployment", ...rest }, async (word) => {
    asked.push(word);
    return types.includes(word);
  });
  return asked.length > 0 ? { ...selection, asked } : selection;
}

function names(...targets: string[]): object {
  const split = (target: string): object => ({ type: target.split("/")[0], name: target.split("/")[1] });
  return { by: "name", targets: targets.map(split) };
}

describe("parseObjectArguments", () => {
  test.each<[string[], object]>([
    [["ui"], names("Deployment/ui")],
    // A word that is alone is a name, be it a type or not.
    [["deployment"], names("Deployment/deployment")],
    [["ui", "api"], { ...names("Deployment/ui", "Deployment/api"), guessed: "ui", asked: ["ui"] }],
    [["deployment", "ui"], { ...names("deployment/ui"), asked: ["deployment"] }],
    [["sts", "a", "b"], { ...names("sts/a", "sts/b"), asked: ["sts"] }],
    [["ui", "sts"], { ...names("Deployment/ui", "Deployment/sts"), guessed: "ui", asked: ["ui"] }],
    [["deploy/ui"], names("deploy/ui")],
    [["deploy/ui", "sts/db"], names("deploy/ui", "sts/db")],
    [["widgets.shop.example.com/w"], names("widgets.shop.example.com/w")],
    [["deploy,sts", "a", "b"], names("deploy/a", "deploy/b", "sts/a", "sts/b")],
    [["deploy,deploy", "a"], names("deploy/a")],
  ])("%j", async (args, expected) => {
    expect(await read(args)).toEqual(expected);
  });

  test.each<[string[], Partial<ObjectArguments>, object]>([
    [[], { selector: "app=x" }, { by: "selector", types: ["Deployment"], selector: "app=x" }],
    [["sts"], { selector: " app=x " }, { by: "selector", types: ["sts"], selector: "app=x" }],
    [["deploy,sts"], { selector: "app" }, { by: "selector", types: ["deploy", "sts"], selector: "app" }],
    [["sts"], { all: true }, { by: "selector", types: ["sts"], selector: undefined }],
    [["sts"], { all: true, selector: "" }, { by: "selector", types: ["sts"], selector: undefined }],
    [["ui"], { all: false, files: [] }, names("Deployment/ui")],
    [[], { files: ["a.yaml", "-"] }, { by: "file", files: ["a.yaml", "-"], recursive: false }],
    [[], { files: ["dir"], recursive: true }, { by: "file", files: ["dir"], recursive: true }],
  ])("%j %j", async (args, rest, expected) => {
    expect(await read(args, rest)).toEqual(expected);
  });

  const mixed =
    "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form " +
    "(e.g. 'resource/<resource_name>' instead of 'resource resource/<resource_name>')";
  const single = "arguments in resource/name form must have a single resource and name";
  test.each<[string[], Partial<ObjectArguments>, string]>([
    [[], {}, "You must provide one or more resources by argument or filename"],
    [[], { selector: "  " }, "You must provide one or more resources by argument or filename"],
    [["a/b/c"], {}, "arguments in resource/name form may not have more than one slash"],
    [["deploy,sts", "a/b"], {}, mixed],
    [["deploy", "deploy/ui"], {}, mixed],
    [["deploy/ui", "db"], {}, mixed],
    [["deploy/"], {}, single],
    [["/ui"], {}, single],
    [["deploy,sts/ui"], {}, single],
    [["deploy,sts"], {}, "resource(s) were provided, but no name was specified"],
    [["deploy"], { selector: "" }, "resource(s) were provided, but no name was specified"],
    [[""], {}, "resource name may not be empty"],
    [["", "ui"], {}, "resource name may not be empty"],
    [["deploy", ""], {}, "resource name may not be empty"],
    [["deploy,", "ui"], {}, `a resource type is missing in "deploy,"`],
    [["deploy", "ui"], { selector: "app=x" }, "name cannot be provided when a selector is specified"],
    [["deploy", "ui"], { all: true }, "name cannot be provided when a selector is specified"],
    [["deploy/ui"], { all: true }, "selectors and the all flag cannot be used when passing resource/name arguments"],
    [[], { all: true }, "at least one resource must be specified to use a selector"],
    [["deploy"], { all: true, selector: "a=b" }, "setting 'all' parameter but found a non empty selector"],
    [["deploy/ui"], { files: ["a"] }, "resource/name arguments cannot be provided when a path is specified"],
    [
      ["ui"],
      { files: ["a"] },
      "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
    ],
    [[], { files: ["a"], selector: "a=b" }, "a selector and the all flag cannot be used when a path is specified"],
  ])("refuses %j %j", async (args, rest, message) => {
    await expect(read(args, rest)).rejects.toMatchObject({ kind: "usage", message });
  });

  test("says how objects are named when none is", async () => {
    await expect(read([])).rejects.toMatchObject({
      hint: "name objects as NAME, TYPE/NAME, TYPE NAME, TYPE -l SELECTOR or -f FILE",
    });
  });

  test("what isType throws is thrown", async () => {
    const down = new Error("Down");
    const isType = (): Promise<boolean> => Promise.reject(down);
    await expect(parseObjectArguments({ args: ["a", "b"], defaultKind: "Pod" }, isType)).rejects.toBe(down);
  });
});
