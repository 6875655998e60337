import { rowSuite } from "./rows.ts";

rowSuite("revision", "tree");
