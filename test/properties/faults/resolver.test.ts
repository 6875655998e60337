import { rowSuite } from "./rows.ts";

rowSuite("resolve", "resolve-cache");
