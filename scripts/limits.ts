import { writeFileSync } from "node:fs";
import { limitsMarkdown } from "../test/properties/hostile/limits.ts";

writeFileSync("test/properties/hostile/README.md", limitsMarkdown());
