import { describe, expect, test } from "@jest/globals";
import { type BashRequest, bashReply } from "../../../src/cli/completion/bash-reply.ts";
import { type Candidate, only, plain } from "../../../src/cli/completion/reply.ts";

const tab = 9;
const list = 63;
const menu = 37;
const request: BashRequest = { quote: "", head: "", kept: "", type: tab, columns: 60 };
const lines = (candidates: Candidate[], more: Partial<BashRequest> = {}): string[] =>
  bashReply(only(candidates), { ...request, ...more })
    .split("\n")
    .slice(1, -1);

describe("a reply for bash", () => {
  test("ends whole words in a space, and open ones in none", () => {
    expect(lines(plain(["db", "deployments/", "--dry-run="]))).toEqual(["db ", "deployments/", "--dry-run="]);
  });

  test("says what else there is only where there are no candidates", () => {
    expect(bashReply({ candidates: [], otherwise: "files" }, request)).toBe("files\n");
    expect(bashReply({ candidates: plain(["a"]), otherwise: "files" }, request)).toBe("nothing\na \n");
  });

  test.each<[quote: BashRequest["quote"], word: string]>([
    ["", "\\$\\(touch\\ x\\)\\`\\'\\\"\\\\\\!\\* "],
    ['"', "\\$(touch x)\\`'\\\"\\\\*"],
    ["'", "$(touch x)`'\\''\"\\!*"],
  ])("quotes what the shell would take for its own, behind %j", (quote, word) => {
    const value = quote === '"' ? "$(touch x)`'\"\\*" : "$(touch x)`'\"\\!*";
    expect(lines(plain([value]), { quote })[0]).toBe(word);
  });

  test('offers nothing behind " that bash would take for an earlier command', () => {
    expect(bashReply(only(plain(["!Warning", "Warning"])), { ...request, quote: '"' })).toBe("nothing\nWarning\n");
    expect(bashReply({ candidates: plain(["!a"]), otherwise: "files" }, { ...request, quote: '"' })).toBe("nothing\n");
  });

  test("leaves out what bash leaves as it is: it breaks words at = and :", () => {
    expect(lines(plain(["Warning"]), { head: "--type=", kept: "--type=" })[0]).toBe("Warning ");
    expect(lines(plain(["Warning"]), { head: "--type=" })[0]).toBe("--type=Warning ");
    expect(lines(plain(["clusterrole/system:edit"]), { kept: "clusterrole/system:" })[0]).toBe("edit ");
  });

  test("has descriptions where bash shows a list, cut to the terminal, and never where it inserts", () => {
    const candidates = [
      { value: "approve", description: "this release may roll out" },
      { value: "break-glass", description: "lets one release through without approval; needs -m" },
      { value: "deployments/" },
    ];
    expect(lines(candidates, { type: list })).toEqual([
      "approve       (this release may roll out)",
      "break-glass   (lets one release through without approval;…)",
      "deployments/",
    ]);
    expect(lines(candidates, { type: list, columns: 20 }).slice(0, 2)).toEqual(["approve", "break-glass"]);
    expect(lines(candidates, { type: menu }).slice(0, 2)).toEqual(["approve ", "break-glass "]);
    expect(lines(candidates.slice(0, 1), { type: list })[0]).toBe("approve ");
  });
});
