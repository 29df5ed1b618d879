#!/usr/bin/env node
// kubectl asks this how `kubectl kev …` goes on, when it is on the PATH.
import module from "node:module";

module.enableCompileCache?.();
const { run } = await import("../dist/cli/run.js");
await run(["__complete-kubectl"]);
