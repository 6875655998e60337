import { executorSuite } from "../../devkit/conformance/executor.ts";
import { inline } from "../../src/series/inline.ts";
import { sharpDecoder } from "../../src/slices/sharp-decoder.ts";
import { workers } from "../../src/workers/workers.ts";

executorSuite("this thread", () => inline(sharpDecoder));
executorSuite("worker threads", () => workers(2));
