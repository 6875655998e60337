#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { stopSignal } from "./console/stop-signal.ts";

// Planning would let the nursery grow to 32 MB, which the engine keeps for good; bytes lie outside the heap, and a small one
// gives them back sooner.
setFlagsFromString("--semi-space-growth-factor=1");

// Before the rest is loaded, which takes a while: a signal must not find the process without a handler.
const stop = stopSignal();
const { main } = await import("./console/main.ts");

process.exitCode = await main(process.argv.slice(2), stop);
