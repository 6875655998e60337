import { writeFileSync } from "node:fs";
import { limitsMarkdown } from "../test/hostile/limits.ts";

writeFileSync("test/hostile/README.md", limitsMarkdown());
