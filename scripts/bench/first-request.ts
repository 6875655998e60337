import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";

// Loaded into a task that is measured: it ends at its first request, and says what it has taken until then.

/** The descriptor that the measuring process listens on. */
const REPORT_FD = 3;

subscribe("undici:request:create", () => {
  writeSync(REPORT_FD, JSON.stringify({ maxRSS: process.resourceUsage().maxRSS }));
  process.exit(0);
});
