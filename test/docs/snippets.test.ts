import { describe, expect, test } from "@jest/globals";
import { normalizeOutput } from "./normalize-output.ts";
import { commandsOf, snippetsOf, transcriptOf } from "./snippets.ts";

const console = `$ kev emit a \\
>   b
event/a created
$ true
$ kev presets
NAME

REASON
`;

test("fenced blocks are found with their language, file and line", () => {
  const markdown = `# Title\n\n\`\`\`console\n$ true\n\`\`\`\nProse with \`\`\`code\`\`\`\n\`\`\`yaml file=kev.yaml\na: 1\n\nb: 2\n\`\`\`\n`;

  expect(snippetsOf(markdown)).toEqual([
    { language: "console", file: undefined, setting: undefined, body: "$ true\n", line: 3 },
    { language: "yaml", file: "kev.yaml", setting: undefined, body: "a: 1\n\nb: 2\n", line: 7 },
  ]);
});

test("a block may say what it needs around it", () => {
  expect(snippetsOf("```console gate\n$ true\n```\n")).toEqual([
    { language: "console", file: undefined, setting: "gate", body: "$ true\n", line: 1 },
  ]);
});

describe("console blocks", () => {
  test("are commands and their output, and back", () => {
    expect(commandsOf(console)).toEqual([
      { command: "kev emit a \\\n  b", output: "event/a created\n" },
      { command: "true", output: "" },
      { command: "kev presets", output: "NAME\n\nREASON\n" },
    ]);
    expect(transcriptOf(commandsOf(console))).toBe(console);
  });

  test("begin with a command", () => {
    expect(() => commandsOf("event/a created\n")).toThrow("Output before the first command: event/a created");
  });
});

describe("normalizeOutput", () => {
  test("levels what differs from run to run", () => {
    expect(
      normalizeOutput(
        "event/ui-server.ev7xfvwz4ah6imqda6sn7qwk created\n" +
          "1s (x3 over 12m30s)   Warning   BackupFailed   \n" +
          '  resourceVersion: "231"\n  uid: 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed\n  at: "2026-11-23T09:30:00Z"\n',
      ),
    ).toBe(
      "event/ui-server.<id> created\n" +
        "<age> (x3 over <age>)  Warning  BackupFailed\n" +
        '  resourceVersion: <version>\n  uid: <uid>\n  at: "<time>"\n',
    );
  });

  test("leaves everything else", () => {
    const text = 'Error from server (NotFound): deployments.apps "ui-sever" not found\nimage: nginx:1.27\nx2\n  - a\n';

    expect(normalizeOutput(text)).toBe(text);
  });
});
