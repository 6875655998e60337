import { rowSuite } from "./rows.ts";

rowSuite("cdn");
