#!/usr/bin/env node
import module from "node:module";

// Node 22.1 and later keep the compiled code between runs.
module.enableCompileCache?.();
const { run } = await import("../dist/cli/run.js");
await run();
