import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "../..");

describe("src/README.md", () => {
  const text = read("src/README.md");

  test("says of every folder what it holds", () => {
    const folders = new Set(globSync("src/*/**/*.ts", { cwd: root }).map(dirname));
    const described = [...text.matchAll(/^\| `(src\/\S+)` \|/gm)].map(([, folder]) => folder);

    expect(described.sort()).toEqual([...folders].sort());
  });
});

describe.each(["README.md", "src/README.md"])("%s", (file) => {
  const text = read(file);

  test("names only files that exist", () => {
    // dist/ is the build's; the rest is in the repository.
    const named = [...text.matchAll(/`((?:src|test|bin)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
    const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => join(dirname(file), path));

    expect([...named, ...linked].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("links only to headings that it has", () => {
    const headings = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slug(heading)));
    const linked = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, name = ""]) => name);

    expect(linked.filter((name) => !headings.has(name))).toEqual([]);
  });
});

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** GitHub's name of a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(/\s/g, "-");
}
