import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fillIn } from "./fill-in.ts";
import { referenceParts } from "./reference.ts";

// Puts the reference into the README anew: `npm run docs`, after flags, presets or exit codes changed.
const readme = join(import.meta.dirname, "../../README.md");
const before = readFileSync(readme, "utf8");
const after = fillIn(before, referenceParts());
if (after !== before) writeFileSync(readme, after);
process.stdout.write(after === before ? "README.md is as the code says\n" : "README.md is written\n");
