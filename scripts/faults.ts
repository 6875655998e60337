import { writeFileSync } from "node:fs";
import { markdown } from "../test/faults/markdown.ts";

writeFileSync("test/faults/README.md", markdown());
