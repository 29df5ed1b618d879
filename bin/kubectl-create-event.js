#!/usr/bin/env node
// `kubectl create event …` runs this, when it is on the PATH.
import module from "node:module";

module.enableCompileCache?.();
const { run } = await import("../dist/cli/run.js");
await run(["emit"], { own: "kev emit", typed: "kubectl create event" });
