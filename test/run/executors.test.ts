import { inline } from "../../src/run/inline.ts";
import { workers } from "../../src/run/workers.ts";
import { sharpDecoder } from "../../src/slices/sharp-decoder.ts";
import { executorSuite } from "../conformance/executor.ts";

executorSuite("this thread", () => inline(sharpDecoder));
executorSuite("worker threads", () => workers(2));
