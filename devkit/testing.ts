/** The suites that every implementation of a seam passes; each registers tests with `node:test`. */
export { type ArchiveFile, archiveFormatSuite, type Pack } from "./conformance/archive-format.ts";
export { byteSourceSuite, type Serve } from "./conformance/byte-source.ts";
export { executorSuite } from "./conformance/executor.ts";
export { shardFormatSuite } from "./conformance/shard-format.ts";
