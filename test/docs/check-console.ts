import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { normalizeOutput } from "./normalize-output.ts";
import type { ReadmeFolder } from "./readme-folder.ts";
import { commandsOf, type Snippet, transcriptOf } from "./snippets.ts";

export const readme = join(import.meta.dirname, "../../README.md");

/** Types a console block's commands; their output is to be what stands there. KEV_UPDATE_GOLDEN=1 writes it there instead. */
export async function checkConsole(folder: ReadmeFolder, { body }: Pick<Snippet, "body">): Promise<void> {
  const shown = commandsOf(body);
  const typed = await folder.type(shown);
  if (process.env.KEV_UPDATE_GOLDEN === "1") update(body, transcriptOf(typed));
  else expect(normalizeOutput(transcriptOf(typed))).toBe(normalizeOutput(body));
}

function update(body: string, transcript: string): void {
  if (normalizeOutput(transcript) === normalizeOutput(body)) return;
  writeFileSync(
    readme,
    readFileSync(readme, "utf8").replace(body, () => transcript),
  );
}
