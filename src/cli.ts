#!/usr/bin/env node
import { stopSignal } from "./console/stop-signal.ts";
import { keepNurserySmall } from "./memory/collect-garbage.ts";

// Before the rest is loaded, which takes a while: a signal must not find the process without a handler.
const stop = stopSignal();
if (process.argv[2] === "convert") keepNurserySmall();
const { main } = await import("./console/main.ts");

process.exitCode = await main(process.argv.slice(2), stop);
