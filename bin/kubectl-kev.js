#!/usr/bin/env node
// `kubectl kev …` runs this, when it is on the PATH.
import module from "node:module";

module.enableCompileCache?.();
const { run } = await import("../dist/cli/run.js");
await run([], { own: "kev", typed: "kubectl kev" });
