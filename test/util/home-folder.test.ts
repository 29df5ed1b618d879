import { homedir } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { homeFolder } from "../../src/util/home-folder.ts";

describe("homeFolder", () => {
  test("is $HOME, or the system's", () => {
    expect(homeFolder("/home/jane")).toBe("/home/jane");
    expect(homeFolder(undefined)).toBe(homedir());
  });

  test("is never relative to the current folder", () => {
    expect(homeFolder("")).toBe("/");
    expect(homeFolder(undefined, () => "")).toBe("/");
  });

  test("of a user whom the system does not know", () => {
    const unknown = (): string => {
      throw new Error("A system error occurred: uv_os_homedir returned ENOENT");
    };
    expect(homeFolder(undefined, unknown)).toBe("/");
  });
});
