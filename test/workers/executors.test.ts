import { executorSuite } from "../../devkit/conformance/executor.ts";
import { inline } from "../../src/series/inline.ts";
import { workers } from "../../src/workers/workers.ts";

executorSuite("this thread", () => inline());
executorSuite("worker threads", () => workers(2));
