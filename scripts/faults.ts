import { writeFileSync } from "node:fs";
import { markdown } from "../test/properties/faults/markdown.ts";

writeFileSync("test/properties/faults/README.md", markdown());
